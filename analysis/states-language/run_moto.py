"""Runs the machines of `machines.py` in moto's interpreter and writes `expected.json`.

Usage: pip install 'moto[stepfunctions]' && python3 analysis/states-language/run_moto.py

Recorded are the output or the error, the states in the order in which they were entered, and the
seconds waited. The tests of Cloud run the same machines and compare. Functions are Python's:
what a machine calls is the same on both sides, written down here and in the test.
"""

import copy
import json
import os
import pathlib
import time
import types

import boto3
from moto import mock_aws
from moto.stepfunctions.parser import models
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function

from machines import MACHINES

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
HERE = pathlib.Path(__file__).parent
calls = {"flaky": 0}
waits = []


class NoSleep:
    """Stands for the module `time` where moto sleeps before it tries again."""

    def sleep(self, seconds):
        waits.append(seconds)


def call(name, payload):
    """The functions that machines call: a result, or the name of an error."""
    if name == "double":
        return {**payload, "x": 2 * payload["x"]}, None
    if name == "echo":
        return payload, None
    if name == "sum":
        return sum(payload), None
    if name == "flaky":
        calls["flaky"] += 1
        return ("recovered", None) if calls["flaky"] > 2 else (None, "Flaky")
    return None, "Broken"


def invoke(parameters, region, state_credentials):
    """Stands for the invocation of a function on AWS Lambda."""
    name = parameters["FunctionName"].split(":")[-1]
    result, error = call(name, json.loads(parameters["Payload"]))
    if error:
        failure = {"errorMessage": "failed", "errorType": error}
        return {"Payload": failure, "FunctionError": "Unhandled"}
    return {"Payload": result}


def parse(output):
    """An output; moto prints a string without its quotes."""
    try:
        return json.loads(output)
    except json.JSONDecodeError:
        return output


def run(client, name, definition, value):
    waits.clear()
    calls["flaky"] = 0
    arn = client.create_state_machine(
        name=name, definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/x")["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=arn, input=json.dumps(value))["executionArn"]
    while (result := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.02)
    events = client.get_execution_history(executionArn=execution, maxResults=1000)["events"]
    entered = [e["stateEnteredEventDetails"]["name"] for e in events
               if "stateEnteredEventDetails" in e]
    case = {"machine": definition, "input": value, "entered": entered, "waited": sum(waits)}
    if result["status"] == "SUCCEEDED":
        case["output"] = parse(result["output"])
    else:
        case["error"] = result.get("error")
    return case


def main():
    lambda_eval_utils._invoke_lambda_function = invoke
    retrier_decl.time = NoSleep()
    # A deep copy of a machine fails once moto has run another: it would copy that one's threads.
    models.copy = types.SimpleNamespace(deepcopy=copy.copy, copy=copy.copy)
    wait_function.WaitFunction._wait_interval = (
        lambda self, env, wait_seconds: waits.append(wait_seconds))
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        client = boto3.client("stepfunctions")
        cases = {name: run(client, name, *case) for name, case in MACHINES.items()}
    (HERE / "expected.json").write_text(json.dumps(cases, indent=1, sort_keys=True) + "\n")


main()
