"""Runs scripts of requests against moto's SQS on a clock of our own and writes `expected.json`.

Usage: pip install 'moto[sqs]' && python3 analysis/queues/run_moto.py

A script is drawn from a generator that the tests of Cloud have too; they make the same requests
of our queues and compare what is received, in which order, how often it was received before, and
how many messages are counted. A message is deleted only while its receipt holds.
"""

import json
import os
import pathlib

import boto3
from moto import mock_aws
from moto.sqs import models

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
HERE = pathlib.Path(__file__).parent
CASES = {f"{kind}-{seed}": (kind, seed) for kind in ["standard", "fifo"] for seed in [1, 2, 3]}
STEPS = 400
VISIBILITY_MS = 30_000
clock_ms = 0


class Generator:
    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def forget_timeouts(name):
    """Lets moto know at once which messages are visible again.

    It finds out only as it comes to them, and then holds back the rest of a group of which it has
    just handed out the first; SQS hands out several of a group.
    """
    queue = models.sqs_backends["123456789012"]["us-east-1"].queues[name]
    for message in [m for m in queue.pending_messages if m.visible]:
        queue.pending_messages.remove(message)


def play(sqs, kind, seed):
    """The answers to a script's requests: lists of [number, receive count], or counts."""
    global clock_ms
    is_fifo = kind == "fifo"
    name = f"{kind}-{seed}" + (".fifo" if is_fifo else "")
    attributes = {"VisibilityTimeout": str(VISIBILITY_MS // 1000)}
    if is_fifo:
        attributes["FifoQueue"] = "true"
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    draw, answers, held, sent = Generator(seed), [], [], 0
    for _ in range(STEPS):
        choice = draw.below(10)
        if choice < 4:
            group = "abc"[draw.below(3)]
            extra = {"MessageGroupId": group, "MessageDeduplicationId": str(sent)} if is_fifo else {}
            sqs.send_message(QueueUrl=url, MessageBody=str(sent), **extra)
            sent += 1
        elif choice < 7:
            forget_timeouts(name)
            messages = sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=1 + draw.below(10),
                AttributeNames=["ApproximateReceiveCount"]).get("Messages", [])
            held += [(m["ReceiptHandle"], clock_ms + VISIBILITY_MS) for m in messages]
            answers.append([[int(m["Body"]), int(m["Attributes"]["ApproximateReceiveCount"])]
                            for m in messages])
        elif choice < 8:
            held = [h for h in held if h[1] > clock_ms]
            if held:
                receipt, _ = held.pop(draw.below(len(held)))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
        elif choice < 9:
            # Never a whole number of seconds: a timeout does not end when a request comes.
            clock_ms += 7_300 * (1 + draw.below(3))
        else:
            answer = sqs.get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            answers.append(int(answer["Attributes"]["ApproximateNumberOfMessages"]))
    return answers


def main():
    models.unix_time = lambda *_: 1e9 + clock_ms / 1000
    models.unix_time_millis = lambda *_: 1e12 + clock_ms
    with mock_aws():
        sqs = boto3.client("sqs")
        cases = {name: {"kind": kind, "seed": seed, "answers": play(sqs, kind, seed)}
                 for name, (kind, seed) in CASES.items()}
    (HERE / "expected.json").write_text(json.dumps(cases, sort_keys=True) + "\n")


main()
