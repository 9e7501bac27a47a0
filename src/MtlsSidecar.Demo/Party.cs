using MtlsSidecar.Demo.Pki;
using MtlsSidecar.Demo.Services;
using MtlsSidecar.Demo.Sidecars;

namespace MtlsSidecar.Demo;

/// <summary>A workload with all that belongs to it: its certificate, its service, and the sidecar beside that.</summary>
internal sealed record Party(Workload Workload, LocalService Service, SidecarProcess Sidecar);
