import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.Uuid;

/**
 * Prints one line per API, direction, version and variant: key, "request" or "response", version, the message as JSON,
 * and Kafka's bytes of it in base64, separated by tabs. Arguments: API keys as key:min-max.
 *
 *   java -cp "$(real-kafka/kafka classpath)" MessageVectors.java 0:3-13 1:4-18 …  | gzip -9n > messages.tsv.gz
 */
public class MessageVectors {
    static final ObjectMapper MAPPER = new ObjectMapper().configure(JsonParser.Feature.ALLOW_COMMENTS, true);
    static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    static JsonNode commonStructs;

    public static void main(String[] args) throws Exception {
        for (String arg : args) {
            short key = Short.parseShort(arg.split(":")[0]);
            String[] range = arg.split(":")[1].split("-");
            short from = Short.parseShort(range[0]);
            short to = Short.parseShort(range[range.length - 1]);
            ApiMessageType api = ApiMessageType.fromApiKey(key);
            for (String direction : List.of("Request", "Response")) {
                String name = api.name.replaceAll("[^A-Za-z]", "") + direction;
                JsonNode spec;
                try (InputStream in = MessageVectors.class.getResourceAsStream("/common/message/" + name + ".json")) {
                    spec = MAPPER.readTree(in);
                }
                commonStructs = spec.path("commonStructs");
                for (short version = from; version <= to; version++) {
                    for (int variant = 0; variant < 3; variant++) {
                        Random random = new Random(key * 1000L + version * 10L + variant);
                        ObjectNode value = struct(spec.get("fields"), version, variant, random);
                        print(key, direction, name, version, value);
                    }
                }
            }
        }
    }

    static void print(short key, String direction, String name, short version, ObjectNode value) throws Exception {
        Class<?> converter = Class.forName("org.apache.kafka.common.message." + name + "DataJsonConverter");
        Message message = (Message) converter.getMethod("read", JsonNode.class, short.class).invoke(null, value, version);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(buffer), cache, version);
        System.out.println(key + "\t" + direction.toLowerCase() + "\t" + version + "\t" + value + "\t"
            + Base64.getEncoder().encodeToString(buffer.array()));
    }

    static boolean includes(JsonNode range, short version) {
        if (range.isMissingNode() || range.asText().equals("none")) return false;
        String text = range.asText();
        if (text.endsWith("+")) return version >= Integer.parseInt(text.substring(0, text.length() - 1));
        String[] ends = text.split("-");
        return version >= Integer.parseInt(ends[0]) && version <= Integer.parseInt(ends[ends.length - 1]);
    }

    /** Variant 0 is small, 1 has nulls and empty arrays, 2 is large. */
    static ObjectNode struct(JsonNode fields, short version, int variant, Random random) {
        ObjectNode out = JSON.objectNode();
        for (JsonNode field : fields) {
            if (!includes(field.path("versions"), version)) continue;
            boolean tagged = includes(field.path("taggedVersions"), version);
            if (tagged && (variant == 1 || field.get("default") != null && field.get("default").asText().length() > 15)) continue;
            String name = field.get("name").asText();
            String key = Character.toLowerCase(name.charAt(0)) + name.substring(1);
            boolean nullable = includes(field.path("nullableVersions"), version);
            out.set(key, nullable && variant == 1 ? JSON.nullNode() : value(field, field.get("type").asText(), version, variant, random));
        }
        return out;
    }

    static JsonNode value(JsonNode field, String type, short version, int variant, Random random) {
        if (type.startsWith("[]")) {
            ArrayNode array = JSON.arrayNode();
            int count = variant == 2 ? 2 : 1 - variant;
            // Elements that are map keys differ by their random content.
            for (int i = 0; i < count; i++) array.add(value(field, type.substring(2), version, variant, random));
            return array;
        }
        switch (type) {
            case "bool": return JSON.booleanNode(random.nextBoolean());
            case "int8": return JSON.numberNode(random.nextInt(256) - 128);
            case "int16": return JSON.numberNode(random.nextInt(65536) - 32768);
            case "uint16": return JSON.numberNode(random.nextInt(65536));
            case "int32": return JSON.numberNode(random.nextInt());
            case "int64": return JSON.numberNode(random.nextLong() >> 11);
            case "string": return JSON.textNode(text(variant == 2 ? 75 : 3, random));
            case "uuid": return JSON.textNode(new Uuid(random.nextLong(), random.nextLong()).toString());
            case "bytes":
            case "records": {
                byte[] bytes = new byte[variant == 2 ? 300 : 7];
                Arrays.fill(bytes, (byte) random.nextInt());
                return JSON.binaryNode(bytes);
            }
            default: {
                JsonNode fields = field.get("fields");
                if (fields == null) for (JsonNode common : commonStructs) if (common.get("name").asText().equals(type)) fields = common.get("fields");
                return struct(fields, version, variant, random);
            }
        }
    }

    static String text(int length, Random random) {
        return random.nextInt(1000) + "aß€".repeat(length / 3);
    }
}
