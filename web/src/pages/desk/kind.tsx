import { Badge } from "@mantine/core";
import { IconBulb, IconChecklist, IconEye, IconPhone } from "@tabler/icons-react";
import type { ReactNode } from "react";

const icons = { callback: IconPhone, review: IconEye, expert: IconBulb };

/** A word that stands out: red for what presses, brown for what waits for somebody. */
export function Mark({ tone, icon, children }: { tone: "warn" | "bad"; icon?: ReactNode; children: ReactNode }) {
  return (
    <Badge c={`var(--${tone})`} bg={`var(--${tone}-soft)`} leftSection={icon}>
      {children}
    </Badge>
  );
}

/** What sort of work it is, as a picture beside its word. */
export function KindIcon({ kind, size = 16 }: { kind: string; size?: number }) {
  const Icon = icons[kind as keyof typeof icons] ?? IconChecklist;
  return <Icon size={size} stroke={1.8} aria-hidden />;
}
