using System.Text.RegularExpressions;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Tests.Configuration;

/// <summary>Loads every configuration that the project shows: whole ones, and parts over a minimal one.</summary>
public sealed partial class ConfigurationSamplesTests
{
    private const string Minimal =
        """{ "Sidecar": { "Identity": { "CertificateFile": "tls.crt", "KeyFile": "tls.key" }, "Trust": { "BundleFile": "ca.crt" } } }""";

    /// <summary>Samples by where they stand.</summary>
    public static TheoryData<string, string> Samples
    {
        get
        {
            var samples = new TheoryData<string, string>();
            foreach (var page in Directory.EnumerateFiles(Repository.Root, "README.md").Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)))
            {
                foreach (var block in JsonBlocks().Matches(File.ReadAllText(page)).Where(block => IsConfiguration(block.Groups[1].Value)))
                {
                    samples.Add($"{Path.GetRelativePath(Repository.Root, page)}, character {block.Index}", block.Groups[1].Value);
                }
            }

            return samples;
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Sample_Loads(string place, string json)
        => SidecarOptionsReader.Read(SampleConfiguration.Merge([Minimal, json]), []).Errors.Should().BeEmpty(place);

    [Fact]
    public void ShippedSample_LoadsOnItsOwnWithoutAWarning()
    {
        var result = SampleConfiguration.Read(Repository.Read("src/MtlsSidecar/appsettings.json"));

        result.Errors.Should().BeEmpty();
        result.Warnings.Should().BeEmpty();
    }

    private static bool IsConfiguration(string json) => json.Contains("\"Sidecar\"", StringComparison.Ordinal);

    [GeneratedRegex(@"^```jsonc?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex JsonBlocks();
}
