/** The options of the workload that is replayed. */
import { formatOptions, type Options } from "../../src/options/options.ts";
import { parseWorkload } from "../state/catalogue.ts";
import { go } from "../state/session.ts";
import { OptionFields } from "./option-fields.tsx";
import { Sheet } from "./sheet.tsx";

export function WorkloadOptions({ call }: { call: string }) {
  const { workload, options } = parseWorkload(call);
  const replace = (values: Options) => {
    const given = formatOptions(workload.options, values);
    go({ source: { kind: "workload", text: given ? `${workload.name}:${given}` : workload.name } });
  };
  return (
    <Sheet label="Options">
      {() => (
        <>
          <p>{workload.summary}</p>
          <OptionFields id="workload" specs={workload.options} values={options} onChange={replace} />
          <p class="source">{workload.source}</p>
        </>
      )}
    </Sheet>
  );
}
