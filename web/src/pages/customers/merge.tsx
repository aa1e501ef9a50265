import { Alert, Badge, Button, Group, Loader, Modal, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconArrowMerge, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import type { CustomerSummary } from "@/api/schema";
import { useAct } from "@/ui/act";
import { type OptionProps, useCombobox } from "@/ui/combobox";
import { Empty, Read } from "@/ui/states";
import { word } from "@/ui/word";
import classes from "./customers.module.css";
import { stricter } from "./logic";
import { nameOf } from "./name";
import { type CustomerDetail, customerQuery, customersQuery } from "./queries";

interface MergeProps {
  of: CustomerDetail;
  opened: boolean;
  onClose: () => void;
}

/** Makes two customers one: finds the other, shows what will be, then does it with an undo. */
export function Merge({ of, opened, onClose }: MergeProps) {
  const { t } = useTranslation(["customers", "ui"]);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title={t("merge.title", { name: nameOf(of) })}
      closeButtonProps={{ "aria-label": t("ui:close") }}
    >
      <Choose of={of} onClose={onClose} />
    </Modal>
  );
}

/** As many are shown; who is not among them is found by more of a name. */
const most = 20;

function Choose({ of, onClose }: Omit<MergeProps, "opened">) {
  const { t } = useTranslation("customers");
  const [text, setText] = useState("");
  const [other, setOther] = useState<string>();
  const [q] = useDebouncedValue(text.trim(), 180);
  const found = useInfiniteQuery({ ...customersQuery(q), enabled: q !== "" });
  const items = (found.data?.pages.flatMap((p) => p.items ?? []) ?? []).filter((c) => c.id !== of.id);
  const shown = q === "" ? [] : items.slice(0, most);
  const box = useCombobox({
    ids: shown.map((c) => c.id),
    typed: text,
    pick: (i) => !found.isPlaceholderData && q === text.trim() && setOther(shown[i]?.id),
  });
  if (other) return <Weigh of={of} other={other} back={() => setOther(undefined)} onClose={onClose} />;
  return (
    <Stack gap="sm">
      <TextInput
        type="search"
        label={t("merge.find")}
        placeholder={t("placeholder")}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        leftSection={found.isFetching ? <Loader size={14} /> : <IconSearch size={16} />}
        {...box.field}
        maxLength={200}
        data-autofocus
      />
      <p className="sr-only" role="status">
        {q !== "" &&
          found.data &&
          !found.isFetching &&
          (shown.length ? t("count", { count: shown.length }) : t("none.title"))}
      </p>
      {q === "" ? (
        <Text size="sm" c="var(--dim)">
          {t("merge.text")}
        </Text>
      ) : items.length === 0 && !found.isFetching ? (
        <Empty title={t("none.title")} text={t("none.text")} />
      ) : (
        <div {...box.listbox} role="listbox" className={classes.choices} aria-label={t("found")}>
          {shown.map((c, i) => (
            <Choice key={c.id} of={c} option={box.option(i)} choose={() => setOther(c.id)} />
          ))}
        </div>
      )}
    </Stack>
  );
}

function Choice({ of: c, option, choose }: { of: CustomerSummary; option: OptionProps; choose: () => void }) {
  const { t } = useTranslation("customers");
  const row = useRef<HTMLButtonElement>(null);
  const chosen = option["aria-selected"];
  useEffect(() => {
    if (chosen) row.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <button ref={row} type="button" className={classes.choice} onClick={choose} {...option}>
      <strong>{nameOf(c)}</strong>
      <span className={classes.rowDim}>
        {(c.identities ?? []).slice(0, 3).map((i) => (
          <span key={`${i.network}/${i.author}`}>@{i.handle || i.author}</span>
        ))}
        {c.ref && <span>{c.ref}</span>}
        {c.open_cases > 0 && <span>{t("openCases", { count: c.open_cases })}</span>}
      </span>
    </button>
  );
}

function Weigh({
  of,
  other,
  back,
  onClose,
}: {
  of: CustomerDetail;
  other: string;
  back: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation(["customers", "ui"]);
  const second = useQuery(customerQuery(other));
  const [keep, setKeep] = useState<"this" | "other">("this");
  const navigate = useNavigate();
  const act = useAct();
  const merge = async (from: CustomerDetail, into: CustomerDetail) => {
    let id = "";
    const done = await act.now(
      async () => {
        const merged = await take(
          api.POST("/v1/customers/{id}/merge", {
            params: { path: { id: from.id }, header: { "Idempotency-Key": onceKey() } },
            body: { into: into.id },
          }),
        );
        id = merged.id;
      },
      {
        done: t("merge.done", { from: nameOf(from), into: nameOf(into) }),
        undo: () => undoMerge(id),
        touches: [["customers"], ["customers-list"], ["cases-list"]],
      },
    );
    if (!done) return;
    onClose();
    if (into.id !== of.id) void navigate({ to: "/customers/$customer", params: { customer: into.id } });
  };
  return (
    <Read of={second} lines={6}>
      {(them) => {
        const [into, from] = keep === "this" ? [of, them] : [them, of];
        return (
          <Stack gap="sm">
            <SegmentedControl
              aria-label={t("merge.keep")}
              value={keep}
              onChange={(v) => setKeep(v as typeof keep)}
              data={[
                { value: "this", label: t("merge.into", { name: nameOf(of) }) },
                { value: "other", label: t("merge.into", { name: nameOf(them) }) },
              ]}
            />
            <Outcome into={into} from={from} />
            <Alert color="accent" variant="light">
              {t("merge.means", { from: nameOf(from), into: nameOf(into) })}
            </Alert>
            <Group justify="space-between">
              <Button variant="subtle" onClick={back}>
                {t("merge.back")}
              </Button>
              <Group gap="xs">
                <Button variant="default" onClick={onClose}>
                  {t("ui:cancel")}
                </Button>
                <Button
                  leftSection={<IconArrowMerge size={16} />}
                  loading={act.busy}
                  onClick={() => void merge(from, into)}
                  data-autofocus
                >
                  {t("merge.do")}
                </Button>
              </Group>
            </Group>
          </Stack>
        );
      }}
    </Read>
  );
}

export function undoMerge(id: string) {
  return take(api.POST("/v1/merges/{id}/undo", { params: { path: { id }, header: { "Idempotency-Key": onceKey() } } }));
}

/** What the one customer will be: their own word first, every refusal of either. */
function Outcome({ into, from }: { into: CustomerDetail; from: CustomerDetail }) {
  const { t } = useTranslation("customers");
  const consent = stricter(into.consent, from.consent);
  const both = (a?: string, b?: string): ReactNode =>
    a || b ? (
      <>
        {a || b}{" "}
        {a && b && a !== b && (
          <Text component="span" size="xs" c="var(--dim)" td="line-through">
            {b}
          </Text>
        )}
      </>
    ) : (
      <span className={classes.dim}>–</span>
    );
  const rows: [string, ReactNode][] = [
    [t("who.name"), both(into.name, from.name)],
    [t("who.ref"), both(into.ref, from.ref)],
    [t("who.tier"), both(word("tier", into.tier), word("tier", from.tier))],
    [t("who.phone"), both(into.phone, from.phone)],
    [t("who.email"), both(into.email, from.email)],
    [
      t("identity.title"),
      [...(into.identities ?? []), ...(from.identities ?? [])].map((i) => `@${i.handle || i.author}`).join(", "),
    ],
    [t("merge.openCases"), into.open_cases + from.open_cases],
    [
      t("who.calls"),
      <Badge key="c" color={consent.calls === "refused" ? "red" : "gray"}>
        {word("consent", consent.calls || "unasked")}
      </Badge>,
    ],
    [
      t("who.messages"),
      <Badge key="m" color={consent.stopped || consent.messages === "refused" ? "red" : "gray"}>
        {consent.stopped ? t("who.stopped") : word("consent", consent.messages || "unasked")}
      </Badge>,
    ],
    [t("who.caps"), `${into.contacts.proactive + from.contacts.proactive} ${t("who.day")}`],
  ];
  return (
    <dl className={classes.facts}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
