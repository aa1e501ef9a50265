import { ActionIcon, Button, Drawer, Group, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, onceKey, take } from "@/api/client";
import type { MacroView, PutMacroInputBody } from "@/api/schema";
import { language } from "@/i18n";
import { useAct } from "@/ui/act";
import { Form } from "@/ui/form";
import { useSubmit } from "@/ui/submit";
import classes from "./people.module.css";
import { Queues } from "./queues";

const fields = ["id", "title", "texts", "queues"] as const;
const touches = [["macros"]];

interface FormProps {
  opened: boolean;
  of?: MacroView;
  close: () => void;
  gone: (id: string, yes: boolean) => void;
}

export function MacroForm({ opened, of, close, gone }: FormProps) {
  const { t } = useTranslation("people");
  return (
    <Drawer opened={opened} onClose={close} position="right" size={520} title={t(of ? "macro.change" : "macro.add")}>
      <Fields key={of ? `${of.id} ${of.version}` : "new"} of={of} close={close} gone={gone} />
    </Drawer>
  );
}

/** A short name out of a title: "We are sorry!" → "we-are-sorry". */
export function slug(title: string): string {
  return title
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
}

const putMacro = (id: string, body: PutMacroInputBody, version?: number) =>
  take(
    api.PUT("/v1/macros/{id}", {
      params: {
        path: { id },
        header: { "Idempotency-Key": onceKey(), ...(version && { "If-Match": `"${version}"` }) },
      },
      body,
    }),
  );

function Fields({ of, close, gone }: Omit<FormProps, "opened">) {
  const { t } = useTranslation(["people", "ui"]);
  const act = useAct();
  const { busy, errors, submit } = useSubmit(fields);
  const [title, setTitle] = useState(of?.title ?? "");
  const [texts, setTexts] = useState<[string, string][]>(() => (of ? Object.entries(of.texts) : [[language(), ""]]));
  const [queues, setQueues] = useState(of?.queues ?? []);
  const set = (i: number, to: [string, string]) => setTexts(texts.map((was, k) => (k === i ? to : was)));
  const save = () =>
    submit(async () => {
      const id = of?.id ?? (slug(title) || crypto.randomUUID());
      const body = { title: title.trim(), texts: Object.fromEntries(texts.map(([l, x]) => [l.trim(), x])), queues };
      const now = await putMacro(id, body, of?.version);
      act.say(t("macro.kept"), {
        undo: of && (() => putMacro(of.id, { title: of.title, texts: of.texts, queues: of.queues }, now.version)),
        touches,
      });
      close();
    });
  const remove = () => {
    if (!of) return;
    gone(of.id, true);
    close();
    act.later({
      text: t("macro.deleting"),
      done: t("macro.deleted"),
      run: ({ keepalive }) =>
        take(
          api.DELETE("/v1/macros/{id}", {
            params: {
              path: { id: of.id },
              header: { "If-Match": `"${of.version}"`, "Idempotency-Key": onceKey() },
            },
            keepalive,
          }),
        ),
      undone: () => gone(of.id, false),
      touches,
    });
  };
  const away = of && (
    <Button variant="subtle" color="red" onClick={remove}>
      {t("macro.delete")}
    </Button>
  );
  return (
    <Form send={save} busy={busy} submit={t("ui:save")} cancel={close} aside={away}>
      <TextInput
        label={t("macro.name")}
        description={t("macro.nameText")}
        value={title}
        onChange={(e) => setTitle(e.currentTarget.value)}
        error={errors.title ?? errors.id}
        maxLength={200}
        required
        data-autofocus
      />
      {texts.map(([lang, text], i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a text has no id while its language is being written
        <div key={i} className={classes.fieldset}>
          <Group gap="xs" align="end" wrap="nowrap">
            <TextInput
              label={t("macro.lang")}
              description={i === 0 ? t("macro.langText") : undefined}
              value={lang}
              onChange={(e) => set(i, [e.currentTarget.value, text])}
              w={180}
              required
            />
            {texts.length > 1 && (
              <ActionIcon
                aria-label={t("macro.langAway", { lang })}
                onClick={() => setTexts(texts.filter((_, k) => k !== i))}
                mb={4}
              >
                <IconX size={15} />
              </ActionIcon>
            )}
          </Group>
          <Textarea
            aria-label={t("macro.textIn", { lang })}
            placeholder={t("macro.text")}
            value={text}
            onChange={(e) => set(i, [lang, e.currentTarget.value])}
            error={i === 0 ? errors.texts : undefined}
            maxLength={4000}
            minRows={4}
            autosize
            required
          />
        </div>
      ))}
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => setTexts([...texts, [texts.some(([l]) => l === "en") ? "es" : "en", ""]])}
        >
          {t("macro.langAdd")}
        </Button>
      </div>
      <Queues label={t("macro.queues")} value={queues} change={setQueues} error={errors.queues} />
    </Form>
  );
}
