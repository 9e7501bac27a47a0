using System.Text.Json.Serialization;

namespace MtlsSidecar.Proxy.Admin;

/// <summary>How admin and probe answers become JSON, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(ProbeAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(PeersAnswer))]
[JsonSerializable(typeof(ReloadAnswer))]
internal sealed partial class AdminJson : JsonSerializerContext;
