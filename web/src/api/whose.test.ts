import { expect, test } from "vitest";
import { Whose } from "./whose";

test("a page stays whose it was, and says so with each request", () => {
  const page = new Whose();
  const heard: string[] = [];
  page.watch(() => heard.push(page.standing.is));
  page.ended("out"); // a page that nobody has signed in to has nothing to cover
  expect(page.header).toEqual({});
  page.signedIn("ann", "Ann Lee");
  expect(page.header).toEqual({ "Advocate-As": "ann" });
  page.ended("another"); // as the server refuses a request
  expect(() => page.signedIn("bob", "Bob Ode")).toThrow();
  expect(page.standing).toEqual({ is: "another", name: "Bob Ode" });
  expect(page.header).toEqual({ "Advocate-As": "ann" });
  page.ended("out");
  page.signedIn("ann", "Ann Lee");
  expect(page.standing).toEqual({ is: "theirs" });
  expect(heard).toEqual(["another", "another", "out", "theirs"]);
});
