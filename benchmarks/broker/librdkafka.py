"""librdkafka through confluent-kafka: so many records of 100 bytes to one partition and back. Prints records a second.

Consumed twice. By its defaults librdkafka stops fetching for a second (fetch.queue.backoff.ms) whenever it holds 100,000
records (queued.min.messages) that the program has not taken, so that the number of such pauses decides, which is larger the
faster the broker answers. With room for all records it never pauses, and the broker decides.
"""

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


def consume(settings):
    consumer = Consumer({"bootstrap.servers": address, "group.id": topic, "enable.auto.commit": False, **settings})
    consumer.assign([TopicPartition(topic, 0, 0)])
    seen = 0
    start = time.time()
    while seen < count:
        seen += len(consumer.consume(10_000, 1))
    taken = time.time() - start
    consumer.close()
    return count / taken


without_pauses = consume({"queued.min.messages": 10_000_000})
by_default = consume({})
admin.delete_topics([topic])[topic].result()
print(
    f"produces {count / produced:,.0f}/s, consumes {without_pauses:,.0f}/s, "
    f"with the client's own pauses {by_default:,.0f}/s"
)
