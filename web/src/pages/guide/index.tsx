import { Button, Progress } from "@mantine/core";
import { IconCheck, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, take } from "@/api/client";
import { focusIsLost } from "@/ui/focus";
import { Page } from "@/ui/page";
import { Panel } from "@/ui/panel";
import { Failed, Loading } from "@/ui/states";
import { connectionsQuery, statusQuery } from "../connections/queries";
import { agentsQuery } from "../people/queries";
import { bodies } from "./bodies";
import classes from "./guide.module.css";
import { guideOver, setGuideOver } from "./over";
import { takenQuery } from "./query";
import { nextStep, ready, type Step, type StepName, stepsOf } from "./steps";

/** From nothing to a first handled post; each step looks by itself whether it is done. */
export function GuidePage() {
  const { t } = useTranslation("guide");
  const account = useQuery({ queryKey: ["account", "own"], queryFn: () => take(api.GET("/v1/account")) });
  const status = useQuery({ ...statusQuery, refetchInterval: 3000 });
  const agents = useQuery(agentsQuery);
  const connections = useQuery(connectionsQuery);
  const taken = useQuery(takenQuery);
  const read = [account, status, agents, connections, taken];
  const steps = stepsOf({
    account: account.data,
    status: status.data,
    agents: agents.data,
    connections: connections.data,
    taken: taken.data,
  });
  const next = nextStep(steps);
  const over = ready(steps);
  const [open, setOpen] = useState<StepName | "" | null>(null);
  const [aside, setAside] = useState(guideOver() === "aside");
  const at = open === null ? next : open;
  useFollowing(at, next);
  useEffect(() => {
    if (over && guideOver() !== "aside") setGuideOver("done");
  }, [over]);
  const failed = read.find((q) => q.error && q.data === undefined);
  if (failed)
    return (
      <Page title={t("title")}>
        <Failed error={failed.error} retry={() => read.forEach((q) => void q.refetch())} />
      </Page>
    );
  if (read.some((q) => q.data === undefined))
    return (
      <Page title={t("title")}>
        <Loading lines={8} />
      </Page>
    );
  const count = steps.filter((s) => s.done).length;
  const turn = () => {
    setGuideOver(aside ? (over ? "done" : null) : "aside");
    setAside(!aside);
  };
  return (
    <Page
      title={t("title")}
      actions={
        <Button variant="subtle" color="gray" onClick={turn}>
          {t(aside ? "back" : "aside")}
        </Button>
      }
    >
      <div className={classes.guide}>
        <div className={classes.intro}>
          <p>{t(over ? "over" : "intro")}</p>
          <div className={classes.progress}>
            <Progress
              value={(count / steps.length) * 100}
              color={over ? "teal" : undefined}
              aria-label={t("count", { done: count, count: steps.length })}
            />
            <span>{t("count", { done: count, count: steps.length })}</span>
          </div>
          {aside && <p className={classes.dim}>{t("asideText")}</p>}
          {over && (
            <div className={classes.acts}>
              <Button component={Link} to="/live">
                {t("toLive")}
              </Button>
              <Button component={Link} to="/desk" variant="default">
                {t("toDesk")}
              </Button>
            </div>
          )}
        </div>
        <ol className={classes.steps}>
          {steps.map((s) => (
            <StepItem
              key={s.name}
              of={s}
              next={s.name === next}
              open={at === s.name}
              toggle={(yes) => setOpen(yes ? s.name : "")}
            />
          ))}
        </ol>
      </div>
    </Page>
  );
}

/** What was done takes its button away: the focus goes to the step that is open now, and not to the top of the page. */
function useFollowing(at: StepName | "" | undefined, next: StepName | undefined) {
  const was = useRef(next);
  useEffect(() => {
    const moved = was.current !== undefined && was.current !== next;
    was.current = next;
    if (moved && at && focusIsLost()) document.getElementById(headingOf(at))?.focus();
  }, [at, next]);
}

const headingOf = (name: StepName) => `step-${name}`;

interface StepProps {
  of: Step;
  next: boolean;
  open: boolean;
  toggle: (open: boolean) => void;
}

function StepItem({ of, next, open, toggle }: StepProps) {
  const { t } = useTranslation("guide");
  const Body = bodies[of.name];
  const state = of.done ? "done" : next ? "next" : of.needed ? "open" : "advised";
  return (
    <li>
      <Panel flush className={classes.step} label={t(`step.${of.name}.title`)}>
        <h2 className={classes.heading}>
          <button
            type="button"
            id={headingOf(of.name)}
            className={classes.head}
            onClick={() => toggle(!open)}
            aria-expanded={open}
          >
            <span className={classes.mark} data-state={state} aria-hidden>
              {of.done && <IconCheck size={14} stroke={3} />}
            </span>
            <span className={classes.title}>{t(`step.${of.name}.${of.done ? "done" : "title"}`)}</span>
            <span className={classes.state} data-state={state}>
              {t(`state.${state}`)}
            </span>
            {open ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
          </button>
        </h2>
        {open && (
          <div className={classes.body}>
            <Body stay={() => toggle(true)} />
          </div>
        )}
      </Panel>
    </li>
  );
}
