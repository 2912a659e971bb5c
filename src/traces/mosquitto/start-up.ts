/**
 * What lives before any client comes: blocks of libraries and of the configuration, counted in recordings of Mosquitto
 * 2.0.11 on Debian 12 (OpenSSL 3.0, libwebsockets 4.1, the CA certificates of Debian) as what was live less what the
 * model makes itself. BYTES*COUNT each; of libwebsockets' 309 sizes the rare ones are merged with their neighbours, to
 * the same sum. Blocks that were freed again while starting are left out.
 */
import type { Memory } from "./memory.ts";
import type { Site } from "./sites.ts";

/** 59,656 bytes. */
const START_UP =
  "3*3 4*2 6*3 8*3 10*1 13*1 16*2 18*1 19*1 20*1 21*1 22*1 23*1 24*1885 25*1 26*1 29*1 32*12 35*1 36*1 37*1 39*1 " +
  "48*2 56*29 72*4 88*1 128*2 224*1 400*1 472*1 904*1 1024*1 8192*1";

/** A listener of WebSockets: 1,258,097 bytes, nearly all of them OpenSSL and its certificates. */
const WEB_SOCKETS =
  "2*161 3*338 4*51 5*174 6*175 7*50 8*222 9*108 10*118 11*60 12*127 13*119 14*338 15*21 16*1088 17*154 18*41 19*43 " +
  "20*75 21*52 22*45 23*184 24*4414 25*50 28*55 29*80 32*1581 40*1112 41*14 48*752 55*1 56*748 72*223 78*35 79*143 " +
  "104*224 105*115 112*59 128*622 152*152 155*108 156*53 184*50 224*134 228*21 229*44 256*218 270*45 290*2 291*14 " +
  "384*144 447*12 448*21 512*124 526*62 623*13 624*35 870*33 871*36 1122*3 1123*6 1616*1 1688*1 2048*1 2800*1 6544*1 " +
  "160000*2";

/** OpenSSL's random numbers, which the first client without an identifier asks for: 147,526 bytes. */
const RANDOM =
  "1*1 3*2 4*9 5*5 6*1 7*9 8*24 9*20 10*13 11*8 12*77 13*74 14*29 15*6 16*362 17*43 18*19 19*17 20*13 21*26 22*22 " +
  "23*19 24*506 25*1 26*5 27*1 32*264 40*133 48*11 56*143 72*133 80*2 96*1 128*401 176*2 184*6 192*5 224*1 256*124 " +
  "296*2 448*6 2048*1";

export const allocateStartUp = (memory: Memory): void => allocate(memory, "startUp", START_UP);
export const allocateWebSocketStartUp = (memory: Memory): void =>
  allocate(memory, "webSocketStartUp", WEB_SOCKETS);
export const allocateRandomStartUp = (memory: Memory): void => allocate(memory, "randomStartUp", RANDOM);

function allocate(memory: Memory, site: Site, table: string): void {
  for (const entry of table.split(" ")) {
    const [bytes, count] = entry.split("*").map(Number);
    for (let i = 0; i < count; i++) memory.malloc(site, bytes);
  }
}
