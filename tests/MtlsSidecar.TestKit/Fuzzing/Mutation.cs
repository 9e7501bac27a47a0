using System.Globalization;

namespace MtlsSidecar.TestKit.Fuzzing;

/// <summary>Damages bytes in the ways that find holes in parsers of DER: flipped bits, wrong lengths and tags, cut, doubled and moved parts.</summary>
public static class Mutation
{
    private const string InputsVariable = "MTLS_SIDECAR_FUZZ_INPUTS";
    private static readonly byte[] Interesting = [0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0x84, 0x88, 0xFF, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x17, 0x18, 0x30, 0x31, 0xA0, 0xA3];

    /// <summary>How many inputs a fuzz test runs: a few thousand, or what the environment says for a long run.</summary>
    public static int Inputs { get; } = int.TryParse(Environment.GetEnvironmentVariable(InputsVariable), CultureInfo.InvariantCulture, out var inputs) ? inputs : 3000;

    /// <summary>A damaged copy; the same seed damages the same way.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> original, int seed)
    {
        var random = new Random(seed);
        var bytes = new List<byte>(original.ToArray());
        for (var step = random.Next(1, 6); step > 0 && bytes.Count > 0; step--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = Interesting[random.Next(Interesting.Length)];
                    break;
                case 2:
                    bytes[at] += (byte)random.Next(-3, 4);
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 5:
                    bytes.InsertRange(at, Enumerable.Repeat(Interesting[random.Next(Interesting.Length)], length));
                    break;
                case 6:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    var from = random.Next(bytes.Count);
                    bytes.InsertRange(at, bytes.GetRange(from, Math.Min(length, bytes.Count - from)));
                    break;
            }
        }

        return [.. bytes];
    }
}
