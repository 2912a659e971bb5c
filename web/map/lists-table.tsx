/** A policy's own lists as a table: the twin of what lies over the map. */
import { count, hex } from "../format.ts";
import type { Internals } from "../worker/protocol.ts";
import { colourOfList } from "./lists-overlay.ts";

/** Lists that are shown; real allocators have hundreds. */
const MOST = 40;

export function ListsTable({ internals, policy, digits }: Props) {
  const { has, lists } = internals;
  if (!has) return <p class="lists-none">{policy} keeps no lists that could be shown.</p>;
  if (lists.length === 0) return <p class="lists-none">All lists of {policy} are empty.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section class="table-twin lists" tabIndex={0} aria-label={`Lists of ${policy}`}>
      <table>
        <caption>
          {count(lists.length)} of {policy}’s own lists have entries
          {lists.length > MOST && `; the first ${MOST}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">List</th>
            <th scope="col" class="value">
              Entries
            </th>
            <th scope="col" class="value">
              Bytes
            </th>
            <th scope="col">In its order</th>
          </tr>
        </thead>
        <tbody>
          {lists.slice(0, MOST).map((list, i) => (
            <tr key={list.name} data-list={list.name} data-count={list.count}>
              <th scope="row">
                <i class="swatch swatch-list" style={{ borderColor: colourOfList(i) }} />
                {list.name}
              </th>
              <td class="value">{count(list.count)}</td>
              <td class="value">{count(list.bytes)}</td>
              <td class="figure">
                {list.entries
                  .slice(0, 4)
                  .map(({ start, state }) => hex(start, digits) + (state && ` ${state}`))
                  .join(", ")}
                {list.count > 4 && " …"}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface Props {
  readonly internals: Internals;
  readonly policy: string;
  readonly digits: number;
}
