import { Argument, type Command } from "commander";
import { baselineSchema } from "../gate/baseline.ts";
import { configSchema } from "../gate/config.ts";
import { resultSchema } from "../report/json.ts";
import { scenarioSchema } from "../scenarios/scenario.ts";

const SCHEMAS: Readonly<Record<string, () => Record<string, unknown>>> = {
  scenario: scenarioSchema,
  result: resultSchema,
  config: configSchema,
  baseline: baselineSchema,
};

export function schemaCommand(program: Command): void {
  program
    .command("schema")
    .description("print the JSON Schema of a file that Heapscape reads or writes")
    .addArgument(new Argument("<name>").choices(Object.keys(SCHEMAS)))
    .action((name: string) => {
      process.stdout.write(`${JSON.stringify(SCHEMAS[name](), null, 2)}\n`);
    });
}
