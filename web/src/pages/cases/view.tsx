import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { caseQuery } from "@/api/queries/case";
import { useNames } from "@/api/queries/person";
import type { CaseView as Case } from "@/api/schema";
import { useSession } from "@/api/session";
import { type Shortcut, useShortcuts } from "@/ui/shortcuts";
import { Read } from "@/ui/states";
import { headword, wordsOf } from "@/ui/word";
import { About } from "./about";
import { useCaseActions } from "./actions";
import { Closing } from "./closing";
import { Composer, type ComposerHandle } from "./composer";
import { Conversation } from "./conversation";
import { isOutside } from "./data";
import { Head } from "./head";
import { History } from "./history";
import { useLooking } from "./looking";
import { Picker } from "./picker";
import classes from "./view.module.css";

/**
 * Everything about one case: the post as it looked, who wrote it, what the
 * advocate did, and what a person can do about it. It fills its parent, in two
 * columns where there is room for them.
 */
export function CaseView({ id }: { id: string }) {
  const found = useQuery(caseQuery(id));
  return (
    <div className={classes.room}>
      <Read of={found} lines={8}>
        {(c) => <Whole key={c.id} of={c} />}
      </Read>
    </div>
  );
}

const tabs = ["talk", "past", "about"] as const;
type Tab = (typeof tabs)[number];

function Whole({ of: c }: { of: Case }) {
  const { t } = useTranslation("cases");
  const me = useSession();
  const actions = useCaseActions(c);
  const composer = useRef<ComposerHandle>(null);
  const [tab, setTab] = useState<Tab>("talk");
  const [dialog, setDialog] = useState<"intent" | "close">();
  const [writing, setWriting] = useState(false);
  const lookers = useLooking(c.id, writing);
  const may = me.can("work");
  const others = Boolean(c.owner) && c.owner !== me.login;
  const ended = c.state === "resolved";
  useCaseKeys(c, {
    talk: () => setTab("talk"),
    past: () => setTab(tab === "past" ? "talk" : "past"),
    open: (mode) => {
      setTab("talk");
      requestAnimationFrame(() => composer.current?.open(mode));
    },
    macros: () => {
      setTab("talk");
      requestAnimationFrame(() => composer.current?.macros());
    },
    intent: () => setDialog("intent"),
    close: () => setDialog("close"),
    own: () => void (c.owner === me.login ? actions.handBack() : actions.take(c.owner || undefined)),
  });
  return (
    <div className={classes.whole}>
      <Head
        of={c}
        actions={actions}
        lookers={lookers}
        onIntent={() => setDialog("intent")}
        onClose={() => setDialog("close")}
      />
      <div className={classes.panes} data-tab={tab}>
        <div className={classes.main}>
          <div className={classes.tabs} role="tablist" aria-label={t("tabs.label")}>
            {tabs.map((name) => (
              <button
                key={name}
                type="button"
                role="tab"
                id={`tab-${name}-${c.id}`}
                aria-selected={tab === name}
                aria-controls={`pane-${c.id}`}
                tabIndex={tab === name ? 0 : -1}
                className={classes.tab}
                data-name={name}
                onClick={() => setTab(name)}
                onKeyDown={(e) => {
                  const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
                  if (!step) return;
                  const shown = tabs.filter((n) => document.getElementById(`tab-${n}-${c.id}`)?.offsetParent);
                  const next = shown[(shown.indexOf(name) + step + shown.length) % shown.length] ?? name;
                  setTab(next);
                  document.getElementById(`tab-${next}-${c.id}`)?.focus();
                }}
              >
                {t(`tabs.${name}`)}
              </button>
            ))}
          </div>
          <div id={`pane-${c.id}`} role="tabpanel" aria-labelledby={`tab-${tab}-${c.id}`} className={classes.pane}>
            {tab === "past" ? (
              <History id={c.id} customer={c.customer_id} />
            ) : (
              <div className={classes.talk}>
                <Conversation of={c} />
                {may && (others || ended) && <Shut of={c} />}
                {may && (
                  <Composer
                    handle={composer}
                    of={c}
                    actions={actions}
                    onWriting={setWriting}
                    notesOnly={others || ended}
                  />
                )}
              </div>
            )}
          </div>
        </div>
        <aside className={classes.aside} aria-label={t("tabs.about")}>
          <About of={c} actions={actions} />
        </aside>
      </div>
      <Picker
        opened={dialog === "intent"}
        onClose={() => setDialog(undefined)}
        title={t("intent.title")}
        none={t("intent.none")}
        choices={wordsOf("intent").map((i) => ({
          id: i,
          label: headword("intent", i),
          about: headword("intent_hint", i),
          current: i === c.intent,
        }))}
        onPick={(i) => {
          setDialog(undefined);
          if (i !== c.intent) void actions.correct(i);
        }}
      />
      <Closing of={c} actions={actions} opened={dialog === "close"} onClose={() => setDialog(undefined)} />
    </div>
  );
}

/** Why nothing can be said to the customer here. */
function Shut({ of: c }: { of: Case }) {
  const { t } = useTranslation("cases");
  const me = useSession();
  const name = useNames();
  if (c.state === "resolved") return <p className={classes.shut}>{t("shut.ended")}</p>;
  const owner = name(c.owner ?? "");
  const may = me.can("supervise") || isOutside(c.owner ?? "");
  return <p className={classes.shut}>{t(may ? "shut.mayTake" : "shut.theirs", { name: owner })}</p>;
}

interface Does {
  talk: () => void;
  past: () => void;
  open: (mode: "private" | "public" | "note") => void;
  macros: () => void;
  intent: () => void;
  close: () => void;
  own: () => void;
}

function useCaseKeys(c: Case, does: Does): void {
  const { t } = useTranslation("cases");
  const me = useSession();
  const navigate = useNavigate();
  const group = t("title");
  const ended = c.state === "resolved";
  const mine = c.owner === me.login;
  const others = Boolean(c.owner) && !mine;
  const list: Shortcut[] = [
    { keys: "h", label: t("keys.past"), group, run: does.past },
    { keys: "w", label: t("keys.why"), group, run: () => void navigate({ to: "/why/$id", params: { id: c.id } }) },
    {
      keys: "shift+c",
      label: t("keys.customer"),
      group,
      run: () => void navigate({ to: "/customers/$customer", params: { customer: c.customer_id } }),
    },
  ];
  if (me.can("work")) {
    list.push({ keys: "n", label: t("keys.note"), group, run: () => does.open("note") });
    list.push({ keys: "i", label: t("keys.intent"), group, run: does.intent });
    if (!ended && !others) {
      list.push({ keys: "r", label: t("keys.reply"), group, run: () => does.open("private") });
      list.push({ keys: "shift+r", label: t("keys.replyPublic"), group, run: () => does.open("public") });
      list.push({ keys: "m", label: t("keys.macro"), group, run: does.macros });
    }
    if (!ended && (!others || me.can("supervise") || isOutside(c.owner ?? "")))
      list.push({ keys: "o", label: t(mine ? "owner.handBack" : "owner.take"), group, run: does.own });
    if (!ended) list.push({ keys: "e", label: t("keys.close"), group, run: does.close });
  }
  useShortcuts(list);
}
