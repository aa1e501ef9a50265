import classes from "./kbd.module.css";

const shown: Record<string, string> = {
  mod: /Mac|iP/.test(globalThis.navigator?.platform ?? "") ? "⌘" : "Ctrl",
  enter: "↵",
  escape: "Esc",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  shift: "⇧",
};

/** Keys as they are pressed: "mod+k", "g d" (one after the other). */
export function Keys({ of }: { of: string }) {
  return (
    <span className={classes.keys}>
      {of.split(" ").map((stroke, i, all) => (
        <kbd key={all.slice(0, i + 1).join(" ")} className={classes.key}>
          {stroke
            .split("+")
            .map((k) => shown[k] ?? k.toUpperCase())
            .join(" ")}
        </kbd>
      ))}
    </span>
  );
}
