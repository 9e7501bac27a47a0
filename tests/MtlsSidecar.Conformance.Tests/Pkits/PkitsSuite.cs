using System.Text.Json;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Conformance.Tests.Pkits;

/// <summary>NIST's Public Key Interoperability Test Suite 1.0.1: all 249 tests.</summary>
internal static class PkitsSuite
{
    public const string File = "pkits/pkits.json";

    public static DateTimeOffset ValidationTime { get; } = new(2011, 4, 15, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The tests by id; empty when the data is missing.</summary>
    public static IReadOnlyDictionary<string, PkitsCase> Cases { get; } = ReadCases();

    public static ReadOnlyMemory<byte> Read(string file) => System.IO.File.ReadAllBytes(ConformanceData.Path("pkits/" + file));

    private static Dictionary<string, PkitsCase> ReadCases()
        => ConformanceData.ReadJson(File).TryGetProperty("tests", out var tests)
            ? tests.EnumerateArray().Select(ReadCase).ToDictionary(test => test.Id)
            : [];

    private static PkitsCase ReadCase(JsonElement test)
    {
        var settings = test.GetProperty("settings");
        return new PkitsCase
        {
            Id = test.GetProperty("id").GetString()!,
            Title = test.GetProperty("title").GetString()!,
            Certificates = Strings(test, "certs"),
            ExtraCertificates = Strings(test, "extraCerts"),
            Crls = Strings(test, "crls"),
            IsValid = test.GetProperty("expected").GetString() == "valid",
            FailsOnlyByRevocation = test.GetProperty("failsOnlyByRevocation").GetBoolean(),
            UserConstrainedPolicies = Strings(test, "userConstrainedPolicySet"),
            Options = PathOptions.Rfc5280 with
            {
                Policies = Strings(settings, "initialPolicySet"),
                RequireExplicitPolicy = settings.GetProperty("initialExplicitPolicy").GetBoolean(),
                InhibitPolicyMapping = settings.GetProperty("initialPolicyMappingInhibit").GetBoolean(),
                InhibitAnyPolicy = settings.GetProperty("initialInhibitAnyPolicy").GetBoolean(),
            },
        };
    }

    private static List<string> Strings(JsonElement element, string property)
        => [.. element.GetProperty(property).EnumerateArray().Select(item => item.GetString()!)];
}
