import { IconBulb, IconChecklist, IconEye, IconPhone } from "@tabler/icons-react";

const icons = { callback: IconPhone, review: IconEye, expert: IconBulb };

/** What sort of work it is, as a picture beside its word. */
export function KindIcon({ kind, size = 16 }: { kind: string; size?: number }) {
  const Icon = icons[kind as keyof typeof icons] ?? IconChecklist;
  return <Icon size={size} stroke={1.8} aria-hidden />;
}
