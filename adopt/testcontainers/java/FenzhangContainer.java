import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * A module of Testcontainers: Fenzhang in a container for a suite of tests. Copy this file, and give it your package; it needs
 * {@code org.testcontainers:testcontainers}.
 *
 * <p>The image is made by packaging/oci/build and loaded by {@code docker load --input}, or comes from a registry of yours.
 *
 * <pre>{@code
 * @Container static final FenzhangContainer fenzhang = new FenzhangContainer("fenzhang:0.1.0");
 *
 * @Test void aRefund() {
 *     fenzhang.reset();
 *     String order = FenzhangContainer.text(fenzhang.pay(10000), "out_trade_no");
 *     MyClient client = new MyClient(fenzhang.baseUrl(), fenzhang.env(), fenzhang.file("PRIVATE_KEY_PEM"));
 *     client.refund(order, 1000);
 *     fenzhang.advance("PT20M");
 * }
 * }</pre>
 *
 * <p>The control interface stays inside the container, where nobody else reaches it: its calls are the program's own commands
 * (docs/local.md).
 */
public final class FenzhangContainer extends GenericContainer<FenzhangContainer> {
    private static final int API = 8080, PROXY = 3128;

    /** @param options more ones of {@code fenzhang serve} */
    public FenzhangContainer(String image, String... options) {
        super(DockerImageName.parse(image));
        List<String> command = new ArrayList<>(List.of("serve", "--demo", "--seed", "1", "--limits", "off", "--listen", "0.0.0.0:" + API,
                "--proxy", "0.0.0.0:" + PROXY, "--proxy-remote", "--callback-to", "private"));
        command.addAll(Arrays.asList(options));
        withExposedPorts(API, PROXY);
        withEnv("FENZHANG_ENV", "/data/fenzhang/demo.env");
        withCommand(command.toArray(new String[0]));
        waitingFor(Wait.forLogMessage("ready api=.*\\n", 1));
    }

    public String baseUrl() {
        return "http://" + getHost() + ":" + getMappedPort(API);
    }

    /** Where a proxy leads the vendor's own hosts here, for clients that have them built in. They trust {@link #caCertificate()}. */
    public int proxyPort() {
        return getMappedPort(PROXY);
    }

    /** A command of the program: what it prints. */
    public String command(String... words) {
        String[] command = new String[words.length + 1];
        command[0] = "fenzhang";
        System.arraycopy(words, 0, command, 1, words.length);
        try {
            ExecResult done = execInContainer(command);
            if (done.getExitCode() != 0) throw new IllegalStateException(String.join(" ", command) + ": " + done.getStderr());
            return done.getStdout();
        } catch (IOException problem) {
            throw new IllegalStateException(problem);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(ended);
        }
    }

    public String caCertificate() {
        return command("ca");
    }

    /** All names of the demo book: MCHID, SERIAL_NO, TRANSACTION_ID ... Paths are inside the container. */
    public Map<String, String> env() {
        Map<String, String> names = new TreeMap<>();
        for (String line : command("env", "--docker").split("\n"))
            if (line.contains("=")) names.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
        return names;
    }

    /** What a name of {@link #env()} is the file of: PRIVATE_KEY_PEM, PLATFORM_CERT_PEM ... */
    public String file(String name) {
        return copyFileFromContainer(env().get(name), file -> new String(file.readAllBytes(), StandardCharsets.UTF_8));
    }

    /** A paid order of so many fen, of the institution's sub-merchant; options as of {@code fenzhang pay}, "--marked". Gives JSON. */
    public String pay(long amount, String... options) {
        List<String> words = new ArrayList<>(List.of("pay", Long.toString(amount), "--json"));
        words.addAll(Arrays.asList(options));
        return command(words.toArray(new String[0]));
    }

    /** Moves the clock on ("PT20M", "P1D"): all that falls due happens, callbacks too. Gives the time then, as RFC 3339. */
    public String advance(String duration) {
        return text(command("clock", "advance", duration, "--json"), "now");
    }

    /** Back to the book as it was created, with the same keys. */
    public void reset() {
        command("reset");
    }

    /** The member of a JSON object that is a text without escapes, as numbers of orders are. */
    public static String text(String json, String name) {
        Matcher found = Pattern.compile('"' + Pattern.quote(name) + "\"\\s*:\\s*\"([^\"\\\\]*)\"").matcher(json);
        if (!found.find()) throw new IllegalArgumentException("no text " + name + " in " + json);
        return found.group(1);
    }
}
