namespace MtlsSidecar.Proxy.Configuration.Constraints;

/// <summary>
/// Whether a running sidecar takes over a change of the property and of everything below it. The innermost attribute counts; without any a
/// change needs a restart, so that a new option is never half taken over.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ReloadableAttribute(bool reloadable = true) : Attribute
{
    public bool IsReloadable { get; } = reloadable;
}
