"""librdkafka through confluent-kafka: admin, idempotent and transactional producers, groups. Prints JSON."""

import json
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

bootstrap = {"bootstrap.servers": sys.argv[1]}
result = {}


def read(group, count, **options):
    consumer = Consumer({**bootstrap, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False, **options})
    consumer.subscribe(["librdkafka"])
    values = []
    deadline = time.time() + 30
    while len(values) < count and time.time() < deadline:
        record = consumer.poll(0.5)
        if record is not None and record.error() is None:
            values.append(record.value().decode())
    consumer.commit(asynchronous=False)
    committed = consumer.committed([TopicPartition("librdkafka", 0)])[0].offset
    consumer.close()
    return values, committed


admin = AdminClient(bootstrap)
admin.create_topics([NewTopic("librdkafka", 1, 1, config={"retention.ms": "86400000"})])["librdkafka"].result()
resource = ConfigResource(ResourceType.TOPIC, "librdkafka")
result["retention"] = admin.describe_configs([resource])[resource].result()["retention.ms"].value

for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    producer = Producer({**bootstrap, "enable.idempotence": True, "compression.type": codec})
    producer.produce("librdkafka", value=f"{codec} " + "x" * 200, key="k", headers={"h": "v"})
    producer.flush(10)

producer = Producer({**bootstrap, "transactional.id": "librdkafka"})
producer.init_transactions(10)
for outcome in ["commit", "abort", "commit"]:
    producer.begin_transaction()
    producer.produce("librdkafka", value=outcome)
    producer.flush(10)
    if outcome == "commit":
        producer.commit_transaction(10)
    else:
        producer.abort_transaction(10)

result["first"], result["committed"] = read("librdkafka", 5)
result["rest"], _ = read("librdkafka", 2)
result["all"], _ = read("librdkafka-dirty", 8, **{"isolation.level": "read_uncommitted"})
result["kip848"], _ = read("librdkafka-kip848", 7, **{"group.protocol": "consumer"})
result["groups"] = sorted(group.group_id for group in admin.list_consumer_groups().result().valid)
admin.delete_topics(["librdkafka"])["librdkafka"].result()
print(json.dumps(result))
