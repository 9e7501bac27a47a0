using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Enrolment;
using MtlsSidecar.Proxy.Inspection;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>Inspecting peers with the identity, trust and revocation of a host that isn't started.</summary>
public static class SidecarInspection
{
    /// <summary>Loads what the daemon loads at its start, then dials and judges one peer.</summary>
    /// <param name="services">Of a host with a sidecar in it.</param>
    /// <param name="target">Host and port.</param>
    /// <param name="identity">Who must answer; null: as the upstream or tunnel with this destination says, else anybody who validates.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody answers.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The handshake failed.</exception>
    /// <exception cref="IOException">The peer broke the handshake off.</exception>
    public static async Task<PeerInspectionReport> InspectPeerAsync(
        this IServiceProvider services, (string Host, int Port) target, IdentityPattern? identity, CancellationToken cancellationToken)
    {
        // Errors are logged, and what they leave unknown shows in the verdict. The own certificate stays as it is: to renew it is the daemon's business.
        var reload = services.GetRequiredService<Reload>();
        foreach (var reloadable in reload.Reloadables.Where(reloadable => reloadable is not EnrolmentReload))
        {
            await reload.RunAsync(reloadable, cancellationToken);
        }

        var inspection = ActivatorUtilities.CreateInstance<PeerInspection>(services);
        return await inspection.RunAsync(target.Host, target.Port, identity, cancellationToken);
    }
}
