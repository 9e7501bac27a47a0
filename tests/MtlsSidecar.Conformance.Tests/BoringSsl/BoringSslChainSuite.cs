using System.Globalization;
using System.Text.Json;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.BoringSsl;

/// <summary>BoringSSL's <c>verify_certificate_chain_unittest</c>.</summary>
internal static class BoringSslChainSuite
{
    public const string File = "bssl-pki/chains.json";

    /// <summary>The cases by id; empty when the data is missing.</summary>
    public static IReadOnlyDictionary<string, BoringSslChainCase> Cases { get; } = ReadCases();

    private static Dictionary<string, BoringSslChainCase> ReadCases()
    {
        var suite = ConformanceData.ReadJson(File);
        if (!suite.TryGetProperty("cases", out var tests))
        {
            return [];
        }

        var cases = new Dictionary<string, BoringSslChainCase>();
        foreach (var test in tests.EnumerateArray().Select(test => ReadCase(suite, test)))
        {
            // A few ids are cut to the same length.
            var id = test.Id;
            for (var i = 2; !cases.TryAdd(id, test); i++)
            {
                id = $"{test.Id}#{i}";
            }
        }

        return cases;
    }

    private static BoringSslChainCase ReadCase(JsonElement suite, JsonElement test)
    {
        var chain = suite.GetProperty("chains").GetProperty(test.GetProperty("chain").GetString()!)
            .EnumerateArray().Select(certificate => new ReadOnlyMemory<byte>(certificate.GetBytesFromBase64())).ToList();
        var keyPurpose = test.GetProperty("keyPurpose").GetString()!;
        var trust = test.GetProperty("lastCertTrust").GetString()!;
        var floor = test.GetProperty("digestPolicy").GetString() == "STRONG";
        return new BoringSslChainCase
        {
            Id = test.GetProperty("id").GetString()!,
            KeyPurpose = keyPurpose,
            LastCertificateTrust = trust,
            Question = string.Join('|', test.GetProperty("chain").GetString(), keyPurpose, test.GetProperty("time").GetString(), floor),
            IsValid = test.GetProperty("expected").GetString() == "valid",
            ExpectedErrors = string.Join(' ', test.GetProperty("expectedErrors").EnumerateArray().Select(error => error.GetString())),
            Input = new ConformanceInput
            {
                Leaf = chain[0],
                Untrusted = [.. chain.Skip(1).SkipLast(1)],
                Anchors = trust.StartsWith("TRUSTED", StringComparison.Ordinal) ? [chain[^1]] : [],
                At = ReadTime(suite, test.GetProperty("time").GetString()!),
                Usage = keyPurpose switch { "SERVER_AUTH" => CertificateUsage.Server, "CLIENT_AUTH" => CertificateUsage.Client, _ => CertificateUsage.Any },
                Options = ValidationOptions.Rfc5280 with { Path = PathOptions.Rfc5280 with { AlgorithmFloor = floor } },
            },
        };
    }

    private static DateTimeOffset ReadTime(JsonElement suite, string time) => time == "DEFAULT"
        ? suite.GetProperty("defaultTime").GetDateTimeOffset()
        : DateTimeOffset.ParseExact(time, "yyMMddHHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
