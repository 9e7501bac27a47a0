using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MtlsSidecar.TestKit.Authorities;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>
/// The configuration of one sidecar as its user writes it: keys below <c>Sidecar</c>, parts separated by colons, values that
/// become JSON. <see cref="For(string, WorkloadFiles, WorkloadPki)"/> gives the smallest useful one: identity, trust, CRLs and admin ports of its own.
/// </summary>
public sealed class SidecarSettings
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly JsonObject _root;

    private SidecarSettings(JsonObject? root = null) => _root = root ?? [];

    /// <summary>Settings as somebody wrote them.</summary>
    public static SidecarSettings Parse(string json) => new(JsonNode.Parse(json)!.AsObject());

    /// <summary>A sidecar that knows who it is and whom to trust, with revocation as strict as by default, and no data listener yet.</summary>
    public static SidecarSettings For(string name, WorkloadFiles identity, WorkloadPki pki) => new SidecarSettings()
        .Set("Name", name)
        .Set("Identity", new { identity.CertificateFile, identity.KeyFile })
        .Set("Trust:BundleFile", pki.BundleFile)
        .Set("Validation:Crl:Files", new[] { pki.CrlFile })
        .Set("Admin", new { Listen = Loopback(FreePorts.Next()), Probes = Loopback(FreePorts.Next()) });

    /// <summary>The same with a certificate of <c>mtls-authority</c>, whose CRLs are found through the certificates.</summary>
    public static SidecarSettings For(string name, IssuedFiles identity, AuthorityProgram authority) => new SidecarSettings()
        .Set("Name", name)
        .Set("Identity", new { identity.CertificateFile, identity.KeyFile })
        .Set("Trust:BundleFile", authority.Bundle)
        .Set("Admin", new { Listen = Loopback(FreePorts.Next()), Probes = Loopback(FreePorts.Next()) });

    /// <summary>The same, enrolling by itself with a token; what it enrolled for lies in the state directory.</summary>
    public static SidecarSettings Enrolling(string name, AuthorityProcess authority, string tokenFile) => new SidecarSettings()
        .Set("Name", name)
        .Set("Identity", new { Source = "Est", Est = new { authority.Url, TokenFile = tokenFile, StateDirectory = authority.Program[$"{name}-state"] } })
        .Set("Trust", new { TrustDomain = "foo.test", BundleFile = authority.Program.Bundle })
        .Set("Admin", new { Listen = Loopback(FreePorts.Next()), Probes = Loopback(FreePorts.Next()) });

    public static string Loopback(int port) => $"http://127.0.0.1:{port}";

    /// <summary>mTLS on a port of its own, forwarded to the application.</summary>
    public SidecarSettings Inbound(string application) => this
        .Set("Inbound:Listen", $"https://127.0.0.1:{FreePorts.Next()}")
        .Set("Inbound:Application", application);

    /// <summary>Lets these principals do everything; other calls add rules of their own with <see cref="Policy"/>.</summary>
    public SidecarSettings Allow(params string[] principals) =>
        Policy(new { Name = "callers", Action = "Allow", Rules = new[] { new { From = new[] { new { Principals = principals } } } } });

    /// <summary>Adds an authorization policy.</summary>
    public SidecarSettings Policy(object policy)
    {
        var policies = At("Authorization:Policies") as JsonArray ?? [];
        policies.Add(JsonSerializer.SerializeToNode(policy));
        return policies.Parent is null ? Set("Authorization:Policies", policies) : this;
    }

    /// <summary>An upstream, with the outbound listener if there is none yet; <paramref name="identity"/> is a SPIFFE ID or null.</summary>
    public SidecarSettings Upstream(string name, string? identity, params string[] destinations)
    {
        if (At("Outbound:Listen") is null)
        {
            Set("Outbound:Listen", Loopback(FreePorts.Next()));
        }

        if (identity is not null)
        {
            Set($"Outbound:Upstreams:{name}:PeerIdentities", new[] { identity });
        }

        return Set($"Outbound:Upstreams:{name}:Destinations", destinations);
    }

    /// <summary>A tunnel for peers on a port of its own, to a local application.</summary>
    public SidecarSettings InboundTunnel(string name, params string[] applications) => this
        .Set($"Tunnels:{name}:Direction", "Inbound")
        .Set($"Tunnels:{name}:Listen", $"tcp://127.0.0.1:{FreePorts.Next()}")
        .Set($"Tunnels:{name}:Destinations", applications);

    /// <summary>A tunnel for the local application on a port of its own, to a peer; <paramref name="identity"/> is a SPIFFE ID or null.</summary>
    public SidecarSettings OutboundTunnel(string name, string? identity, params string[] destinations)
    {
        if (identity is not null)
        {
            Set($"Tunnels:{name}:PeerIdentities", new[] { identity });
        }

        return Set($"Tunnels:{name}:Direction", "Outbound")
            .Set($"Tunnels:{name}:Listen", $"tcp://127.0.0.1:{FreePorts.Next()}")
            .Set($"Tunnels:{name}:Destinations", destinations);
    }

    /// <summary>Sets one key below <c>Sidecar</c>, or one that starts with a colon at the top, and returns this.</summary>
    public SidecarSettings Set(string key, object? value)
    {
        var parts = Split(key);
        var parent = _root;
        foreach (var part in parts[..^1])
        {
            parent = parent[part] as JsonObject ?? (JsonObject)(parent[part] = new JsonObject())!;
        }

        parent[parts[^1]] = value as JsonNode ?? JsonSerializer.SerializeToNode(value);
        return this;
    }

    public SidecarSettings Remove(string key)
    {
        var at = key.LastIndexOf(':');
        (At(key[..at]) as JsonObject)?.Remove(key[(at + 1)..]);
        return this;
    }

    /// <summary>The names below a key, or none.</summary>
    public IReadOnlyList<string> Names(string key) => [.. (At(key) as JsonObject)?.Select(pair => pair.Key) ?? []];

    /// <summary>How many elements the list at a key has.</summary>
    public int Count(string key) => (At(key) as JsonArray)?.Count ?? 0;

    /// <summary>The text at a key below <c>Sidecar</c>, or null.</summary>
    public string? Text(string key) => (string?)At(key);

    public string ToJson() => _root.ToJsonString(Indented);

    private JsonNode? At(string key) => Split(key).Aggregate(
        (JsonNode?)_root, (node, part) => node is JsonArray list ? list[int.Parse(part, CultureInfo.InvariantCulture)] : (node as JsonObject)?[part]);

    private static string[] Split(string key) => key.StartsWith(':') ? key[1..].Split(':') : $"Sidecar:{key}".Split(':');
}
