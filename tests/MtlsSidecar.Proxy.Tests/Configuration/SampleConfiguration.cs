using System.Text;
using Microsoft.Extensions.Configuration;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Configuration.Sources;

namespace MtlsSidecar.Proxy.Tests.Configuration;

/// <summary>Reads configurations out of JSON text, or a small valid one with some keys changed.</summary>
internal static class SampleConfiguration
{
    private const string Small =
        """
        { "Sidecar": {
            "Identity": { "CertificateFile": "tls.crt", "KeyFile": "tls.key" },
            "Trust": { "TrustDomain": "foo.test", "BundleFile": "ca.crt" },
            "Validation": { "Crl": { "Files": [ "ca.crl" ] } },
            "Inbound": { "Listen": "https://0.0.0.0:8443", "Application": "http://127.0.0.1:8080" },
            "Outbound": { "Listen": "http://127.0.0.1:15001", "Upstreams": { "users": { "Destinations": [ "https://users.internal:8443" ] } } },
            "Tunnels": {
              "amqp-out": { "Direction": "Outbound", "Listen": "tcp://127.0.0.1:5672", "Destinations": [ "tcp://rabbit.internal:5671" ] },
              "amqp-in": { "Direction": "Inbound", "Listen": "tcp://0.0.0.0:5671", "Destinations": [ "tcp://127.0.0.1:5673" ] } },
            "Authorization": { "Policies": [ { "Name": "callers", "Action": "Allow",
              "Rules": [ { "From": [ { "Principals": [ "spiffe://foo.test/web" ] } ] } ] } ] } } }
        """;

    /// <summary>A valid configuration with these keys (below <c>Sidecar</c>) set over it, lists replaced whole.</summary>
    public static SidecarOptionsResult With(params (string Key, string Value)[] changes)
    {
        var environment = changes.ToDictionary(change => "Sidecar__" + change.Key.Replace(":", "__", StringComparison.Ordinal), change => change.Value);
        return Read(Small, environment);
    }

    /// <summary>A configuration of one JSON text, with environment variables over it.</summary>
    public static SidecarOptionsResult Read(string json, Dictionary<string, string>? environment = null)
        => SidecarOptionsReader.Read(Merge([json], environment), ["Custom"]);

    /// <summary>The merged settings of several JSON texts, with environment variables over them.</summary>
    public static IConfigurationRoot Merge(string[] files, Dictionary<string, string>? environment = null)
    {
        var layers = files.Select(json =>
        {
            JsonSettings.TryRead(Encoding.UTF8.GetBytes(json), out var layer, out var problem).Should().BeTrue(problem);
            return layer!;
        });
        var errors = new List<ConfigurationError>();
        var variables = EnvironmentSettings.Read(environment ?? [], ["Sidecar"], errors);
        errors.Should().BeEmpty();
        return LayeredSettings.Merge(layers.Append(variables));
    }

    /// <summary>The errors of a valid configuration with one key changed.</summary>
    public static IEnumerable<string> ErrorsWith(string key, string value) => With((key, value)).Errors.Select(error => error.ToString());
}
