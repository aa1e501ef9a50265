/** How long after somebody's last touch what a page asks is still theirs. */
const lingers = 60_000;

/**
 * Whether somebody is at the page. What it asks while nobody is says so to the
 * server: a page that is left open asks on by itself, and would otherwise keep
 * its session from ending.
 */
export class Attended {
  #last: number;

  constructor(now: number) {
    this.#last = now;
  }

  touched(now: number): void {
    this.#last = now;
  }

  header(now: number): Record<string, string> {
    return now - this.#last > lingers ? { "Advocate-Unattended": "1" } : {};
  }
}

export const attended = new Attended(Date.now());

for (const touch of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
  globalThis.addEventListener?.(touch, () => attended.touched(Date.now()), { capture: true, passive: true });
}
