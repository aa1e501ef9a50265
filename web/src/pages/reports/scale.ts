/** The end of an axis: the next round number at or above what is shown, so that its half is round too. */
export function roundUp(most: number, unit: "count" | "share" | "seconds"): number {
  if (unit === "share") return 1;
  if (most <= 0) return unit === "count" ? 2 : 60;
  if (unit === "seconds") {
    const steps = [2, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
    return steps.find((s) => s >= most) ?? Math.ceil(most / 172_800) * 172_800;
  }
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 4, 6, 8, 10].find((s) => s * power >= most) ?? 10;
  return Math.max(2, step * power);
}

/** Runs of what is known, as points from 0 to 1; a gap stays a gap. */
export function runs(values: (number | undefined)[], top: number): { x: number; y: number }[][] {
  const out: { x: number; y: number }[][] = [];
  let run: { x: number; y: number }[] = [];
  values.forEach((value, i) => {
    if (value === undefined) {
      if (run.length > 0) out.push(run);
      run = [];
    } else run.push({ x: (i + 0.5) / values.length, y: Math.min(1, value / top) });
  });
  if (run.length > 0) out.push(run);
  return out;
}
