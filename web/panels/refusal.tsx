/** Why a request failed, in plain words with the figures. */
import type { Refusal } from "../../src/replay/recorder.ts";
import { bytes, plural } from "../format.ts";

const VERDICTS: Readonly<Record<Refusal["kind"], string>> = {
  fragmented: "Enough is free, but in pieces.",
  exhausted: "Not enough is free.",
  policy: "A hole would be long enough, but this policy cannot use it.",
};

export function RefusalNote({ refusal, op, holes }: { refusal: Refusal; op: string; holes: number }) {
  const { kind, bytes: asked, need, holeBytes, largestHole, reason } = refusal;
  return (
    <div class="refusal">
      <p>
        <b class="refusal-head">Refused</b> <strong>{VERDICTS[kind]}</strong>
      </p>
      <Scale need={need} holeBytes={holeBytes} largestHole={largestHole} />
      <p>
        <code>
          {op} {bytes(asked)}
        </code>{" "}
        needs a block of <b>{bytes(need)}</b>. Free: <b>{bytes(holeBytes)}</b>
        {kind === "exhausted" ? (
          <>, which is {bytes(need - holeBytes)} too few however they lie.</>
        ) : (
          <>
            {" "}
            in {plural(holes, "hole")}, the largest of <b>{bytes(largestHole)}</b>
            {kind === "fragmented"
              ? `: ${bytes(need - largestHole)} too short.`
              : ": long enough, and out of reach."}
          </>
        )}
        {reason && <span class="quiet"> {reason[0].toUpperCase() + reason.slice(1)}.</span>}
      </p>
    </div>
  );
}

/** Request, largest hole and all that is free, to one scale. */
function Scale({ need, holeBytes, largestHole }: { need: number; holeBytes: number; largestHole: number }) {
  const most = Math.max(need, holeBytes, 1);
  const bar = (value: number) => ({ width: `${Math.max(0.5, (value / most) * 100)}%` });
  return (
    <div class="scale">
      <span>needed</span>
      <i class="length length-need" style={bar(need)} />
      <span>free</span>
      <i class="length length-free" style={bar(holeBytes)}>
        <i
          class="length length-largest"
          style={{ width: `${holeBytes ? (largestHole / holeBytes) * 100 : 0}%` }}
        />
      </i>
    </div>
  );
}
