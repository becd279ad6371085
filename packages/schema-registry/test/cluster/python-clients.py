"""confluent-kafka's serializers against a registry: argv is its URL and, in hexadecimal, an order that Millrace has written."""

import json
import sys

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.error import SchemaRegistryError
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

url, order_bytes = sys.argv[1:]
client = SchemaRegistryClient({"url": url})
result = {}

orders = SerializationContext("orders", MessageField.VALUE)
order_schema = json.dumps(
    {
        "type": "record",
        "name": "Order",
        "namespace": "shop",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "note", "type": ["null", "string"], "default": None},
        ],
    }
)
serializer = AvroSerializer(client, order_schema)
deserializer = AvroDeserializer(client)
result["orderRead"] = deserializer(bytes.fromhex(order_bytes), orders)
result["orderWritten"] = serializer({"id": 8, "note": "by Python"}, orders).hex()

trips = SerializationContext("trips", MessageField.VALUE)
trip_schema = json.dumps({"title": "Trip", "type": "object", "properties": {"km": {"type": "number"}}, "required": ["km"]})
trip = JSONSerializer(trip_schema, client)({"km": 12}, trips)
result["tripWritten"] = trip.hex()
result["tripRead"] = JSONDeserializer(trip_schema)(trip, trips)

result["subjects"] = client.get_subjects()
result["versions"] = client.get_versions("orders-value")
latest = client.get_latest_version("orders-value")
result["latest"] = [latest.schema_id, latest.version]
wrong = Schema(json.dumps({"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}]}), "AVRO")
result["isCompatible"] = client.test_compatibility("orders-value", wrong)
try:
    client.register_schema("orders-value", wrong)
except SchemaRegistryError as error:
    result["refused"] = [error.http_status_code, error.error_code]
try:
    client.get_schema(99)
except SchemaRegistryError as error:
    result["missing"] = [error.http_status_code, error.error_code]
client.set_compatibility("orders-value", "NONE")
result["level"] = client.get_compatibility("orders-value")
result["found"] = client.lookup_schema("orders-value", Schema(order_schema, "AVRO")).version
result["deleted"] = client.delete_subject("trips-value")

print(json.dumps(result))
