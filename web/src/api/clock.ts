/**
 * How far this machine's clock is from the server's, as its answers tell. A
 * Date header has whole seconds and travels for a while, so that each answer
 * gives two bounds; those of many answers together are narrow.
 */
export class Skew {
  private least = Number.NEGATIVE_INFINITY;
  private most = Number.POSITIVE_INFINITY;

  /** An answer that was asked for and came in at these times of this machine's clock. */
  heard(date: string | null, askedAt: number, cameAt: number): void {
    const from = Date.parse(date ?? "");
    if (Number.isNaN(from)) return;
    const least = askedAt - (from + 1000);
    const most = cameAt - from;
    if (least > most) return; // the clock was set while the answer was on its way
    if (least > this.most || most < this.least) {
      // A clock was set since: what was known before holds no more.
      this.least = least;
      this.most = most;
      return;
    }
    this.least = Math.max(this.least, least);
    this.most = Math.min(this.most, most);
  }

  /** This machine's clock is ahead by so much; a clock that may be right is taken to be. */
  get ms(): number {
    if (this.least <= 0 && this.most >= 0) return 0;
    return (this.least + this.most) / 2;
  }
}

export const skew = new Skew();

/** The time at the server: what is due, runs out or was done is due by its clock. */
export function now(): number {
  return Date.now() - skew.ms;
}
