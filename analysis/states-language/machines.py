"""State machines on which our interpreter must agree with moto's.

Left out is what moto does unlike AWS: a path with one index yields an array of one there, and
escapes in the arguments of intrinsic functions are not understood. Errors of the interpreter
itself are all called `States.Runtime` there.
"""

LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:"


def task(name, **fields):
    """A Task state that calls one of the functions in `run_moto.py`."""
    return {"Type": "Task", "Resource": LAMBDA + name, **fields}


def machine(start, **states):
    """A machine that begins with `start`."""
    return {"StartAt": start, "States": states}


def retry(**fields):
    """A list of one retrier."""
    return [{"ErrorEquals": ["States.ALL"], **fields}]


# Texts around the ends of the blocks of digests.
SIZES = [0, 55, 64, 111, 200]

MACHINES = {
    "pass-result-path": (
        machine(
            "First",
            First={"Type": "Pass", "Result": {"rate": 0.05}, "ResultPath": "$.training.optimizer",
                   "Next": "Second"},
            Second={"Type": "Pass", "InputPath": "$.training", "OutputPath": "$.optimizer",
                    "End": True}),
        {"training": {"epochs": 3}}),
    "parameters": (
        machine(
            "Build",
            Build={"Type": "Pass", "End": True, "Parameters": {
                "fixed": {"a": [1, 2, {"b.$": "$.name"}]}, "all.$": "$.workers[*].rank",
                "some.$": "$.workers[0:2].rank"}}),
        {"name": "spirt", "workers": [{"rank": 0}, {"rank": 1}, {"rank": 2}]}),
    "task-selector": (
        machine(
            "Double",
            Double=task("double", Parameters={"x.$": "$.value"},
                        ResultSelector={"twice.$": "$.x"}, ResultPath="$.result", Next="Again"),
            Again=task("double", InputPath="$.result", Parameters={"x.$": "$.twice"},
                       OutputPath="$.x", End=True)),
        {"value": 21}),
    "result-path-null": (
        machine("Drop", Drop=task("echo", ResultPath=None, End=True)), {"kept": True}),
    "input-path-null": (
        machine("Empty", Empty=task("echo", InputPath=None, End=True)), {"dropped": True}),
    "choice": (
        machine(
            "Decide",
            Decide={"Type": "Choice", "Default": "Small", "Choices": [
                {"And": [{"Variable": "$.loss", "NumericLessThan": 0.5},
                         {"Not": {"Variable": "$.epoch", "NumericLessThanEquals": 3}}],
                 "Next": "Stop"},
                {"Or": [{"Variable": "$.name", "StringMatches": "res*8"},
                        {"Variable": "$.missing", "IsPresent": True}], "Next": "Large"}]},
            Stop={"Type": "Succeed"}, Large={"Type": "Pass", "Result": "large", "End": True},
            Small={"Type": "Pass", "Result": "small", "End": True}),
        {"loss": 0.4, "epoch": 3, "name": "resnet8"}),
    "choice-paths": (
        machine(
            "Decide",
            Decide={"Type": "Choice", "Choices": [
                {"Variable": "$.a", "NumericGreaterThanPath": "$.b", "Next": "Greater"},
                {"Variable": "$.at", "TimestampLessThan": "2026-01-01T00:00:00Z",
                 "Next": "Before"}]},
            Greater={"Type": "Succeed"},
            Before={"Type": "Pass", "Parameters": {"when.$": "$.at"}, "End": True}),
        {"a": 1, "b": 2, "at": "2025-12-31T23:59:59Z"}),
    "choice-none": (
        machine(
            "Decide",
            Decide={"Type": "Choice",
                    "Choices": [{"Variable": "$.x", "BooleanEquals": True, "Next": "Yes"}]},
            Yes={"Type": "Succeed"}),
        {"x": False}),
    "loop": (
        machine(
            "Count",
            Count={"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"},
                   "Next": "Enough"},
            Enough={"Type": "Choice", "Default": "Count",
                    "Choices": [{"Variable": "$.n", "NumericGreaterThanEquals": 5,
                                 "Next": "Done"}]},
            Done={"Type": "Succeed"}),
        {"n": 0}),
    "parallel": (
        machine(
            "Branches",
            Branches={"Type": "Parallel", "ResultPath": "$.results", "Next": "Sum",
                      "Branches": [
                          machine("A", A=task("double", End=True)),
                          machine("B", B={"Type": "Pass", "Result": {"x": 7}, "Next": "C"},
                                  C=task("double", End=True))]},
            Sum=task("sum", InputPath="$.results[*].x", End=True)),
        {"x": 4}),
    "map": (
        machine(
            "Each",
            Each={"Type": "Map", "ItemsPath": "$.ranks", "MaxConcurrency": 1,
                  "ItemSelector": {"x.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index",
                                   "epoch.$": "$.epoch"},
                  "ItemProcessor": machine("Do", Do=task("double", End=True)),
                  "ResultPath": "$.done", "End": True}),
        {"ranks": [3, 1, 2], "epoch": 9}),
    "map-plain": (
        machine(
            "Each",
            Each={"Type": "Map", "MaxConcurrency": 1,
                  "Iterator": machine("Do", Do={"Type": "Pass", "End": True}), "End": True}),
        [1, "two", None]),
    "retry-heals": (
        machine(
            "Flaky",
            Flaky=task("flaky", Retry=retry(IntervalSeconds=3, BackoffRate=2.0, MaxAttempts=5),
                       End=True)),
        {}),
    "retry-exhausted-catch": (
        machine(
            "Broken",
            Broken=task("broken", End=True,
                        Retry=[{"ErrorEquals": ["Other"], "MaxAttempts": 9},
                               {"ErrorEquals": ["Broken"], "IntervalSeconds": 1, "BackoffRate": 3,
                                "MaxAttempts": 3, "MaxDelaySeconds": 5}],
                        Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "Never"},
                               {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error",
                                "Next": "Handled"}]),
            Never={"Type": "Fail"},
            Handled={"Type": "Pass", "Parameters": {"error.$": "$.error.Error",
                                                    "input.$": "$.run"}, "End": True}),
        {"run": 5}),
    "catch-all-from-parallel": (
        machine(
            "Branches",
            Branches={"Type": "Parallel", "End": True,
                      "Branches": [machine("A", A=task("broken", End=True))],
                      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Handled"}]},
            Handled={"Type": "Pass", "InputPath": "$.Error", "End": True}),
        {}),
    "uncaught": (
        machine("Broken", Broken=task("broken", End=True)), {}),
    "fail": (
        machine("No", No={"Type": "Fail", "Error": "Diverged", "Cause": "loss is not a number"}),
        {}),
    "wait": (
        machine(
            "Fixed",
            Fixed={"Type": "Wait", "Seconds": 5, "Next": "Given"},
            Given={"Type": "Wait", "SecondsPath": "$.pause", "End": True}),
        {"pause": 7}),
    "intrinsics": (
        machine(
            "Call",
            Call={"Type": "Pass", "End": True, "Parameters": {
                "format.$": "States.Format('worker {} of {}: {}', $.rank, 4, $.name)",
                "array.$": "States.Array($.rank, 'x', $.list)",
                "partition.$": "States.ArrayPartition($.list, 2)",
                "contains.$": "States.ArrayContains($.list, 3)",
                "range.$": "States.ArrayRange(1, 9, 2)",
                "item.$": "States.ArrayGetItem($.list, 1)",
                "length.$": "States.ArrayLength($.list)",
                "nested.$": "States.ArrayLength(States.ArrayRange(0, 10, 1))",
                "unique.$": "States.ArrayUnique($.twice)",
                "encoded.$": "States.Base64Encode('Nephoscope')",
                "decoded.$": "States.Base64Decode('Y2xvdWQ=')",
                "parsed.$": "States.StringToJson($.text)",
                "printed.$": "States.JsonToString($.object)",
                "merged.$": "States.JsonMerge($.object, $.other, false)",
                "sum.$": "States.MathAdd($.rank, -5)",
                "split.$": "States.StringSplit('a,b;c', ',;')"}}),
        {"rank": 2, "name": "spirt", "list": [1, 2, 3], "twice": [1, 1, 2],
         "text": "{\"a\": [1]}", "object": {"a": 1}, "other": {"b": 2}}),
    "hash": (
        machine(
            "Call",
            Call={"Type": "Pass", "End": True, "Parameters": {
                f"{name}-{size}.$": f"States.Hash($.t{size}, '{name}')"
                for name in ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"]
                for size in SIZES}}),
        {f"t{size}": "x" * size for size in SIZES}),
    "missing-path": (
        machine("Select", Select={"Type": "Pass", "InputPath": "$.nothing", "End": True}),
        {"something": 1}),
    "context": (
        machine("Look", Look={"Type": "Pass", "End": True,
                              "Parameters": {"state.$": "$$.State.Name",
                                             "input.$": "$$.Execution.Input.x"}}),
        {"x": 3}),
}
