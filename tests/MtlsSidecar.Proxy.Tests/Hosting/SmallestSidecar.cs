using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Hosting;
using MtlsSidecar.Proxy.Tests.Configuration;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Proxy.Tests.Hosting;

/// <summary>A sidecar that has an identity and trust and nothing to do.</summary>
internal static class SmallestSidecar
{
    /// <summary>Its configuration.</summary>
    /// <param name="pki">Where identity and trust come from: those of web.</param>
    /// <param name="validation">The section <c>Validation</c>; none by default.</param>
    public static SidecarOptions Options(WorkloadPki pki, object? validation = null)
    {
        var sidecar = new Dictionary<string, object>
        {
            ["Identity"] = new { pki.Web.CertificateFile, pki.Web.KeyFile },
            ["Trust"] = new { pki.BundleFile },
        };
        if (validation is not null)
        {
            sidecar.Add("Validation", validation);
        }

        return SampleConfiguration.Read(JsonSerializer.Serialize(new { Sidecar = sidecar })).Options!;
    }

    /// <summary>A host with it, not started.</summary>
    public static WebApplication Build(WorkloadPki pki, object? validation = null)
    {
        var options = Options(pki, validation);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddMtlsSidecar(options, TrustMaterial.Open(options, new List<ConfigurationError>())!);
        return builder.Build();
    }
}
