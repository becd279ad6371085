"""librdkafka through confluent-kafka: so many records of 100 bytes to one partition and back. Prints records a second."""

import random
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

address, count = sys.argv[1], int(sys.argv[2])
topic = f"librdkafka-{random.randrange(10**9)}"
admin = AdminClient({"bootstrap.servers": address})
admin.create_topics([NewTopic(topic, 1, 1)])[topic].result()

producer = Producer(
    {
        "bootstrap.servers": address,
        "acks": 1,
        "queue.buffering.max.messages": 2_000_000,
        "queue.buffering.max.kbytes": 2_000_000,
    }
)
value = b"x" * 100
start = time.time()
for _ in range(count):
    producer.produce(topic, value)
producer.flush()
produced = time.time() - start

consumer = Consumer({"bootstrap.servers": address, "group.id": topic, "enable.auto.commit": False})
consumer.assign([TopicPartition(topic, 0, 0)])
seen = 0
start = time.time()
while seen < count:
    seen += len(consumer.consume(10_000, 1))
consumed = time.time() - start
consumer.close()
admin.delete_topics([topic])[topic].result()
print(f"produces {count / produced:,.0f}/s, consumes {count / consumed:,.0f}/s")
