using MtlsSidecar.Demo.Pki;

namespace MtlsSidecar.Demo.Sidecars;

/// <summary>Who may do what at a service; everything else is denied.</summary>
/// <param name="Callers">Names of workloads.</param>
/// <param name="Methods">HTTP methods.</param>
/// <param name="Path">Path pattern.</param>
internal sealed record SidecarPolicy(string[] Callers, string[] Methods, string Path)
{
    /// <summary>Which inbound tunnel the callers may use, if there is one.</summary>
    public string? Tunnel { get; init; }

    /// <summary>At <c>orders</c>: look, don't touch.</summary>
    public static SidecarPolicy Orders { get; } = new(["users", "web"], ["GET"], "/api/orders/*") { Tunnel = "mqtt-in" };

    /// <summary>At <c>users</c>: SOAP, which is all <c>POST</c>.</summary>
    public static SidecarPolicy Users { get; } = new(["orders"], ["POST"], "/soap/users");

    /// <summary>The rules for what a caller may do; one that names methods or paths never allows a tunnel.</summary>
    private object[] To => Tunnel is null
        ? [new { Methods, Paths = new[] { Path } }]
        : [new { Methods, Paths = new[] { Path } }, new { Listeners = new[] { Tunnel } }];

    /// <summary>The policy as an element of <c>Sidecar:Authorization:Policies</c>.</summary>
    public object ToSetting() => new
    {
        Name = "callers",
        Action = "Allow",
        Rules = new[]
        {
            new
            {
                From = new[] { new { Principals = Callers.Select(Workload.SpiffeIdOf) } },
                To,
            },
        },
    };
}
