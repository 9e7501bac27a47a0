using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Hosting;
using MtlsSidecar.Proxy.Tests.Configuration;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Proxy.Tests.Hosting;

/// <summary>A host with a sidecar that has an identity and trust and nothing to do.</summary>
internal static class SmallestSidecar
{
    public static WebApplication Build(WorkloadPki pki)
    {
        var options = SampleConfiguration.Read(JsonSerializer.Serialize(new
        {
            Sidecar = new
            {
                Identity = new { pki.Web.CertificateFile, pki.Web.KeyFile },
                Trust = new { pki.BundleFile },
            },
        })).Options!;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddMtlsSidecar(options, TrustMaterial.Open(options, new List<ConfigurationError>())!);
        return builder.Build();
    }
}
