"""aiokafka: admin, idempotent and transactional producers, groups. Prints JSON."""

import asyncio
import json
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

bootstrap = {"bootstrap_servers": sys.argv[1]}


async def read(group, count, **options):
    consumer = AIOKafkaConsumer(
        "aiokafka", group_id=group, auto_offset_reset="earliest", enable_auto_commit=False, **bootstrap, **options
    )
    await consumer.start()
    values = []
    while len(values) < count:
        record = await asyncio.wait_for(consumer.getone(), 30)
        values.append(record.value.decode())
    await consumer.commit()
    await consumer.stop()
    return values


async def main():
    result = {}
    admin = AIOKafkaAdminClient(**bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic("aiokafka", 1, 1)])
    producer = AIOKafkaProducer(enable_idempotence=True, **bootstrap)
    await producer.start()
    for value in [b"a", b"b"]:
        await producer.send_and_wait("aiokafka", value, key=b"k", headers=[("h", b"v")])
    await producer.stop()
    producer = AIOKafkaProducer(transactional_id="aiokafka", **bootstrap)
    await producer.start()
    for outcome in ["commit", "abort", "commit"]:
        await producer.begin_transaction()
        await producer.send("aiokafka", outcome.encode())
        if outcome == "commit":
            await producer.commit_transaction()
        else:
            await producer.abort_transaction()
    await producer.stop()
    result["first"] = await read("aiokafka", 1, max_poll_records=1, isolation_level="read_committed")
    result["all"] = await read("aiokafka-other", 4, isolation_level="read_committed")
    result["dirty"] = await read("aiokafka-dirty", 5)
    result["groups"] = sorted(group for group, _ in await admin.list_consumer_groups())
    await admin.close()
    print(json.dumps(result))


asyncio.run(main())
