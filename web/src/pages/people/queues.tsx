import { MultiSelect } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useQueueNames } from "./queries";

interface QueuesProps {
  label: string;
  description?: string;
  value: string[];
  change: (queues: string[]) => void;
  error?: ReactNode;
  /** What none means. */
  none?: string;
}

/** Some of the queues that there are. */
export function Queues({ label, description, value, change, error, none }: QueuesProps) {
  const { t } = useTranslation("people");
  const names = useQueueNames();
  return (
    <MultiSelect
      label={label}
      description={description}
      placeholder={value.length === 0 ? (none ?? t("queues.all")) : undefined}
      value={value}
      onChange={change}
      // One that the policy has no more stays shown, to be taken away.
      data={[...new Set([...names, ...value])]}
      error={error}
      clearable
      searchable
    />
  );
}
