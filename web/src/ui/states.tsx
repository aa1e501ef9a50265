import { Button, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconLock, IconPlugConnectedX, IconZoomQuestion } from "@tabler/icons-react";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { Why } from "./problem";
import classes from "./states.module.css";

interface EmptyProps {
  icon?: ReactNode;
  title: string;
  /** What would be here, and what to do so that it is. */
  text?: ReactNode;
  action?: ReactNode;
}

/** What stands where there is nothing to show yet. */
export function Empty({ icon, title, text, action }: EmptyProps) {
  return (
    <div className={classes.empty}>
      {icon && (
        <div className={classes.icon} aria-hidden>
          {icon}
        </div>
      )}
      <Text fw={600}>{title}</Text>
      {text && (
        <Text size="sm" c="var(--dim)" maw="34rem">
          {text}
        </Text>
      )}
      {action}
    </div>
  );
}

const icons: Record<number, typeof IconLock> = { 0: IconPlugConnectedX, 403: IconLock, 404: IconZoomQuestion };

/** What stands where something could not be read. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation("ui");
  const e = error instanceof ApiError ? error : undefined;
  const Icon = icons[e?.status ?? -1] ?? IconAlertTriangle;
  return (
    <div role="alert">
      <Empty
        icon={<Icon />}
        title={t("failed.title")}
        text={e?.status === 404 ? t("failed.missing") : <Why error={error} />}
        action={
          retry &&
          e?.status !== 403 &&
          e?.status !== 404 && (
            <Button variant="default" onClick={retry}>
              {t("again")}
            </Button>
          )
        }
      />
    </div>
  );
}

/** Grey lines while something is read for the first time. */
export function Loading({ lines = 4 }: { lines?: number }) {
  const { t } = useTranslation("ui");
  return (
    <Stack gap="xs" p="md" aria-busy="true">
      <span className="sr-only" role="status">
        {t("loading")}
      </span>
      {Array.from({ length: lines }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines have no names
        <Skeleton key={i} height={14} width={`${92 - ((i * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

/** As much of a query as says how its reading stands. */
export interface Reading<D = unknown> {
  data: D | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

interface ReadProps<D> {
  of: Reading<D>;
  lines?: number;
  children: (data: D) => ReactNode;
}

/** A query's answer, or why there is none yet. */
export function Read<D>({ of, lines, children }: ReadProps<D>) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <Failed error={of.error} retry={() => void of.refetch()} />;
  return <Loading lines={lines} />;
}

/** Keeps one broken part from taking the page with it. */
export class Boundary extends Component<{ children: ReactNode; title: string }, { error: unknown }> {
  override state = { error: undefined as unknown };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div role="alert">
        <Empty icon={<IconAlertTriangle />} title={this.props.title} text={<Why error={this.state.error} />} />
      </div>
    );
  }
}
