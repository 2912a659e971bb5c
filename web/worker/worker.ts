/** The worker's own file: everything is in `HeapLaboratory`. */
import { expose } from "comlink";
import { HeapLaboratory } from "./heap-laboratory.ts";

expose(new HeapLaboratory());
