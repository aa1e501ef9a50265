import { Button, Group, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface FormProps {
  send: () => Promise<unknown>;
  busy: boolean;
  /** The word on the button that sends. */
  submit: string;
  cancel: () => void;
  /** At the other end of the buttons. */
  aside?: ReactNode;
  /** Nothing was changed, so that there is nothing to send. */
  same?: boolean;
  /** Fields are looked at by the form itself, not by the browser. */
  noValidate?: boolean;
  children: ReactNode;
}

/** Fields and what sends them; with useSubmit the server's word stands at each. */
export function Form({ send, busy, submit, cancel, aside, same, noValidate, children }: FormProps) {
  const { t } = useTranslation("ui");
  return (
    <form
      noValidate={noValidate}
      onSubmit={(e) => {
        e.preventDefault();
        void send();
      }}
    >
      <Stack gap="md">
        {children}
        <Group justify={aside ? "space-between" : "flex-end"}>
          {aside}
          <Group gap="xs">
            <Button variant="default" onClick={cancel} disabled={same}>
              {t("cancel")}
            </Button>
            <Button type="submit" loading={busy} disabled={same}>
              {submit}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}
