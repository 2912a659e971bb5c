/** A change that no real heap could make: the policy is at fault. Replay adds its name and the event. */
export class SpaceError extends Error {
  override readonly name = "SpaceError";
}
