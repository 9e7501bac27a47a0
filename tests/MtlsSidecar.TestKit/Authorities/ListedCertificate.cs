using System.Text.Json;

namespace MtlsSidecar.TestKit.Authorities;

/// <summary>A line of <c>list --json</c>, as an outsider reads it.</summary>
public sealed record ListedCertificate(string Serial, string Issuer, string Kind, string Identity, string Status, string Origin)
{
    public static ListedCertificate Parse(string line)
        => JsonSerializer.Deserialize<ListedCertificate>(line, JsonSerializerOptions.Web)!;
}
