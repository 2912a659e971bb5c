/** The keys, in a dialog. */
import { useEffect, useRef } from "preact/hooks";
import { KEYS } from "../map/keys.ts";

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="help" ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keys while a map has the focus</h2>
      <dl>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p>The wheel zooms a map that has the focus; with Shift it pans. Elsewhere hold Ctrl.</p>
      <p class="more">
        Whose each policy is, how it works and what it costs: <a href="handbook/index.html">the handbook</a>.
      </p>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
