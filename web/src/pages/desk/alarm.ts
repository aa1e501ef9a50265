import { useEffect, useSyncExternalStore } from "react";

const soundKey = "advocate.offer-sound";
const againMs = 4000;
const watchers = new Set<() => void>();
let context: AudioContext | undefined;

const tell = () => {
  for (const run of watchers) run();
};
const watch = (run: () => void) => {
  watchers.add(run);
  return () => watchers.delete(run);
};

const wanted = (): boolean => localStorage.getItem(soundKey) !== "off";
const blocked = (): boolean => context?.state !== "running";

/** Browsers let a page sound only after somebody has touched it: the first click or key does. */
function unlock(): void {
  context ??= new AudioContext();
  void context.resume().then(() => {
    if (blocked()) return;
    for (const type of gestures) removeEventListener(type, unlock, true);
    tell();
  });
}
const gestures = ["pointerdown", "keydown"] as const;

/** Waits for that click or key, once for all who want to sound, and for as long as the page stands. */
function unlockSoon(): void {
  if (blocked()) for (const type of gestures) addEventListener(type, unlock, true);
}

/** Whether offers sound, and whether the browser lets them yet. */
export function useSound() {
  const on = useSyncExternalStore(watch, wanted);
  const isBlocked = useSyncExternalStore(watch, blocked);
  useEffect(unlockSoon, []);
  const setOn = (next: boolean) => {
    localStorage.setItem(soundKey, next ? "on" : "off");
    tell();
    if (next) chime();
  };
  return { on, setOn, blocked: isBlocked };
}

/** Two soft notes, made and not loaded. */
function chime(): void {
  if (!context || blocked() || !wanted()) return;
  const start = context.currentTime;
  for (const [i, hertz] of [659.25, 880].entries()) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    tone.type = "sine";
    tone.frequency.value = hertz;
    const at = start + i * 0.16;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(0.18, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.5);
    tone.connect(loudness).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.55);
  }
}

/** Sounds while there is an offer, in one of the windows that are open. */
export function useRinging(ringing: boolean): void {
  useEffect(() => {
    if (!ringing) return;
    const end = new AbortController();
    let timer: ReturnType<typeof setInterval> | undefined;
    const ring = () => {
      chime();
      timer = setInterval(chime, againMs);
      return new Promise<void>((done) => end.signal.addEventListener("abort", () => done()));
    };
    if (navigator.locks) navigator.locks.request("advocate-offer", { signal: end.signal }, ring).catch(() => {});
    else void ring();
    return () => {
      end.abort();
      clearInterval(timer);
    };
  }, [ringing]);
}

const mark = /^(\(\d+\) [^·]+|●) · /;

/** Has the window's title say that there are offers, in turns so that it moves. */
export function useTitle(count: number, words: string): void {
  useEffect(() => {
    if (count === 0) return;
    let turn = 0;
    const show = () => {
      const own = document.title.replace(mark, "");
      document.title = `${turn++ % 2 === 0 ? `(${count}) ${words}` : "●"} · ${own}`;
    };
    show();
    const timer = setInterval(show, 1000);
    return () => {
      clearInterval(timer);
      document.title = document.title.replace(mark, "");
    };
  }, [count, words]);
}

const canNotify = (): NotificationPermission | "unsupported" =>
  "Notification" in globalThis ? Notification.permission : "unsupported";

/** Whether the system may tell of offers, and how to ask for it: only when somebody asks. */
export function useNotifying() {
  const state = useSyncExternalStore(watch, canNotify);
  return { state, ask: () => void Notification.requestPermission().then(tell) };
}

/** Has the system tell of an offer while nobody looks at the page. The words hold nothing personal. */
export function notify(id: string, title: string, body: string): () => void {
  if (canNotify() !== "granted" || document.visibilityState === "visible") return () => {};
  try {
    const note = new Notification(title, { body, tag: id, requireInteraction: true });
    note.onclick = () => {
      window.focus();
      note.close();
    };
    return () => note.close();
  } catch {
    // Browsers on phones let only a service worker do this; the page has none.
    return () => {};
  }
}
