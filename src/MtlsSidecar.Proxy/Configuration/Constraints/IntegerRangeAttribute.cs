namespace MtlsSidecar.Proxy.Configuration.Constraints;

/// <summary>The legal range of a whole number, both ends included.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class IntegerRangeAttribute(int minimum, int maximum) : Attribute
{
    public int Minimum { get; } = minimum;

    public int Maximum { get; } = maximum;
}
