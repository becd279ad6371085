"""A group changes from the classic protocol to KIP-848 and back while its consumers run. Prints what they read as JSON."""

import json
import sys
import threading

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

address = sys.argv[1]
partitions = 4
admin = AdminClient({"bootstrap.servers": address})
admin.create_topics([NewTopic("migration", partitions, 1)])["migration"].result()
producer = Producer({"bootstrap.servers": address})
for i in range(400):
    producer.produce("migration", str(i), partition=i % partitions)
producer.flush()
changed = threading.Condition()


class Member(threading.Thread):
    """Knows what it owns, and stops when it is told to."""

    def __init__(self, settings):
        super().__init__(daemon=True)
        self.owned = set()
        self.read = []
        self.stopping = False
        self.is_cooperative = settings["group.protocol"] == "consumer"
        self.consumer = Consumer(
            {
                "bootstrap.servers": address,
                "group.id": "migration",
                "auto.offset.reset": "earliest",
                **settings,
            }
        )
        self.consumer.subscribe(["migration"], on_assign=self.assigned, on_revoke=self.revoked)
        self.start()

    def assigned(self, consumer, given):
        if self.is_cooperative:
            consumer.incremental_assign(given)
        else:
            consumer.assign(given)
        with changed:
            self.owned |= {one.partition for one in given}
            changed.notify_all()

    def revoked(self, consumer, gone):
        if self.is_cooperative:
            consumer.incremental_unassign(gone)
        else:
            consumer.unassign()
        with changed:
            self.owned -= {one.partition for one in gone}

    def run(self):
        while not self.stopping:
            message = self.consumer.poll(0.2)
            if message is not None and message.error() is None:
                self.read.append([message.partition(), message.offset()])
        self.consumer.close()

    def stop(self):
        self.stopping = True
        self.join()
        self.owned = set()


def group_type():
    for group in admin.list_consumer_groups().result().valid:
        if group.group_id == "migration":
            return group.type.name
    return None


def shared(*members):
    """The members have all partitions among them, and each has one."""

    def is_shared():
        owned = sorted(one for member in members for one in member.owned)
        return owned == list(range(partitions)) and all(member.owned for member in members)

    with changed:
        if not changed.wait_for(is_shared, 60):
            raise RuntimeError(f"not shared: {[sorted(member.owned) for member in members]}")
    return group_type()


classic = {"group.protocol": "classic", "session.timeout.ms": 10_000, "heartbeat.interval.ms": 500}
kip848 = {"group.protocol": "consumer"}
first = Member(classic)
types = [shared(first)]
second = Member(kip848)
types.append(shared(first, second))
first.stop()
types.append(shared(second))
third = Member(classic)
types.append(shared(second, third))
second.stop()
types.append(shared(third))
third.stop()
read = [one for member in (first, second, third) for one in member.read]
print(json.dumps({"types": types, "read": len(read), "distinct": len({tuple(one) for one in read})}))
