/** The keys, in a dialog. */
import { useEffect, useRef } from "preact/hooks";
import { KEYS } from "../map/keys.ts";
import { helping } from "../state/appearance.ts";

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="help" ref={dialog} onClose={() => (helping.value = false)} aria-labelledby="help-title">
      <h2 id="help-title">Keys while a map has the focus</h2>
      <dl>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p>
        The wheel zooms a map that has the focus; with Shift it pans. Elsewhere hold Ctrl. Two fingers zoom a
        map as well. <kbd>Ctrl</kbd> <kbd>O</kbd> opens a trace from anywhere.
      </p>
      <p class="more">
        Whose each policy is, how it works and what it costs: <a href="handbook/index.html">the handbook</a>.
      </p>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
