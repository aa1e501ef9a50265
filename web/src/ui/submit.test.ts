import { expect, test } from "vitest";
import { ApiError } from "@/api/problem";
import { fieldErrors } from "./submit";

test("what is said of a field stands at the field", () => {
  const error = new ApiError(400, {
    errors: [
      { field: "url", message: "begins with http; want https" },
      { field: "types[2]", message: "is no type" },
      { field: "elsewhere", message: "is wrong" },
    ],
  });
  expect(fieldErrors(error, ["url", "types"])).toEqual({
    url: "Begins with http; want https",
    types: "Is no type",
  });
});
